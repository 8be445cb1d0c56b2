import type { ApplyOptions, KubeClient, ObjectKey, Patch, WriteOptions } from '@flotilla/kube'
import { type KubeObject, parseApiVersion } from '@flotilla/model'

/** What a request did to one object. */
export interface SeenWrite {
  readonly verb: 'create' | 'apply' | 'update' | 'patch' | 'delete'
  readonly ref: {
    readonly group: string
    readonly kind: string
    readonly namespace?: string | undefined
    readonly name: string
  }
  readonly before: KubeObject | undefined
  readonly after: KubeObject | undefined
  /** Why it was not done. */
  readonly error?: unknown
}

/** A view of a cluster that tells of each write with what was there before. It lives as long as one request: what the request read is not read again. */
export function observeWrites(client: KubeClient, tell: (write: SeenWrite) => void): KubeClient {
  const read = new Map<string, KubeObject | undefined>()
  const nameOf = ({ group, kind, namespace, name }: ObjectKey): string => `${group}/${kind}/${namespace ?? ''}/${name}`
  const before = async (key: ObjectKey, signal: AbortSignal | undefined): Promise<KubeObject | undefined> => {
    const name = nameOf(key)
    if (read.has(name)) return read.get(name)
    try {
      return await client.find(key, { signal, timeoutMs: beforeMs })
    } catch {
      // who may write but not read sees nothing of it, and neither does the audit
      return undefined
    }
  }
  const watched = async <T>(
    verb: SeenWrite['verb'],
    key: ObjectKey,
    options: { readonly dryRun?: boolean | undefined; readonly signal?: AbortSignal | undefined } | undefined,
    work: () => Promise<T>,
    after: (answer: T) => KubeObject | undefined,
  ): Promise<T> => {
    if (options?.dryRun === true) return await work()
    const was = verb === 'create' ? undefined : await before(key, options?.signal)
    const ref = { group: key.group, kind: key.kind, namespace: key.namespace, name: key.name }
    read.delete(nameOf(key))
    try {
      const answer = await work()
      tell({ verb, ref, before: was, after: after(answer) })
      return answer
    } catch (thrown) {
      tell({ verb, ref, before: undefined, after: undefined, error: thrown })
      throw thrown
    }
  }
  const keyOf = ({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): ObjectKey => ({
    group: parseApiVersion(apiVersion).group,
    kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  })
  return {
    ...client,
    get: async <T extends KubeObject>(key: ObjectKey, options?: Parameters<KubeClient['get']>[1]) => {
      const object = await client.get<T>(key, options)
      read.set(nameOf(key), object)
      return object
    },
    find: async <T extends KubeObject>(key: ObjectKey, options?: Parameters<KubeClient['find']>[1]) => {
      const object = await client.find<T>(key, options)
      read.set(nameOf(key), object)
      return object
    },
    create: <T extends KubeObject>(object: KubeObject, options?: WriteOptions) =>
      watched('create', keyOf(object), options, () => client.create<T>(object, options), itself),
    apply: <T extends KubeObject>(object: KubeObject, options: ApplyOptions) =>
      watched('apply', keyOf(object), options, () => client.apply<T>(object, options), itself),
    update: <T extends KubeObject>(object: KubeObject, options?: WriteOptions) =>
      watched('update', keyOf(object), options, () => client.update<T>(object, options), itself),
    patch: <T extends KubeObject>(key: ObjectKey, patch: Patch, options?: WriteOptions) =>
      watched('patch', key, options, () => client.patch<T>(key, patch, options), itself),
    delete: (key, options) =>
      watched(
        'delete',
        key,
        options,
        () => client.delete(key, options),
        () => undefined,
      ),
  }
}

const beforeMs = 5_000
const itself = (object: KubeObject): KubeObject => object
