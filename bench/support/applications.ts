import { createWatch, type KubeClient } from '@flotilla/kube'
import type { KubeObject } from '@flotilla/model'
import type { BenchProject } from './open-world.ts'
import { asDocuments } from './ten-objects.ts'
import { until } from '../../e2e/support/prepare-project.ts'

const kind = { group: 'flotilla.dev', version: 'v1alpha1', kind: 'Application' }
const name = 'bench'

/** Writes the application's wanted objects to the hub, as `kubectl apply` would; it is the commit of a benchmark. */
export async function writeApplication(
  hub: KubeClient,
  project: BenchProject,
  objects: readonly KubeObject[],
): Promise<void> {
  const spec = {
    components: [{ name: 'shop', manifests: { inline: asDocuments(objects) } }],
    maxConcurrency: project.targets.length,
  }
  const metadata = { name, namespace: project.namespace }
  await hub.apply(
    { apiVersion: 'flotilla.dev/v1alpha1', kind: 'Application', metadata, spec },
    { fieldManager: 'bench', force: true },
  )
}

interface Status {
  observedGeneration?: number
  targets?: { total: number; current: number; healthy: number }
}

/** Sees the application's status; start it before the write that is waited for. */
export function followApplication(hub: KubeClient, project: BenchProject) {
  let check = (): void => {}
  const watch = createWatch({ client: hub, kind, namespace: project.namespace, onEvent: () => check() })
  const isHealthy = (generation: number): boolean => {
    const seen = watch.objects.get(`${project.namespace}/${name}`)
    const { observedGeneration, targets } = (seen?.['status'] ?? {}) as Status
    const all = project.targets.length
    const current = seen?.metadata.generation === generation && observedGeneration === generation
    return current && targets?.total === all && targets.current === all && targets.healthy === all
  }
  return {
    synced: () => watch.synced(),
    /** Resolves when every target has what was written last, and is healthy with it. */
    async untilHealthy(timeoutMs: number): Promise<void> {
      const generation = (await hub.get({ ...kind, namespace: project.namespace, name })).metadata.generation ?? 0
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      check = () => {
        if (isHealthy(generation)) resolve()
      }
      const timeout = setTimeout(
        () => reject(new Error(`not healthy everywhere within ${timeoutMs / 1000} s`)),
        timeoutMs,
      )
      check()
      try {
        await promise
      } finally {
        clearTimeout(timeout)
        check = () => {}
      }
    },
    close: () => watch.close(),
  }
}

export async function removeApplication(hub: KubeClient, project: BenchProject): Promise<void> {
  const key = { ...kind, namespace: project.namespace, name }
  await hub.delete(key)
  await until(async () => (await hub.find(key)) === undefined)
}
