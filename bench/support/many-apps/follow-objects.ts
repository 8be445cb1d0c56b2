import { createWatch, type KubeClient, type KindRef } from '@flotilla/kube'
import type { KubeObject } from '@flotilla/model'

export interface FollowedObjects {
  /** Resolves when each of the names was seen to be so; asked at every change. Errors: it takes too long. */
  until(names: readonly string[], isSo: (object: KubeObject) => boolean, timeoutMs: number): Promise<void>
  close(): void
}

/** Sees the objects of a kind in a namespace as they change. */
export async function followObjects(client: KubeClient, kind: KindRef, namespace: string): Promise<FollowedObjects> {
  let look = (_object: KubeObject | undefined, _name: string): void => {}
  const watch = createWatch({
    client,
    kind,
    namespace,
    onEvent: ({ key, type, object }) => look(type === 'deleted' ? undefined : object, key.slice(key.indexOf('/') + 1)),
  })
  await watch.synced()
  return {
    async until(names, isSo, timeoutMs) {
      const wanted = new Set(names)
      const missing = new Set(names)
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      look = (object, name) => {
        if (!wanted.has(name)) return
        if (object === undefined || !isSo(object)) missing.add(name)
        else missing.delete(name)
        if (missing.size === 0) resolve()
      }
      const timeout = setTimeout(() => {
        const [first = ''] = missing
        const last = watch.objects.get(`${namespace}/${first}`)
        const said = JSON.stringify(last?.['status'] ?? last?.['data'])
        reject(new Error(`${missing.size} of ${names.length} ${kind.kind} not as wanted, such as ${first}: ${said}`))
      }, timeoutMs)
      for (const name of names) look(watch.objects.get(`${namespace}/${name}`), name)
      try {
        await promise
      } finally {
        clearTimeout(timeout)
        look = () => {}
      }
    },
    close: () => watch.close(),
  }
}
