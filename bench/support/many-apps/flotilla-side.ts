import { randomBytes } from 'node:crypto'
import type { KubeClient } from '@flotilla/kube'
import { annotations, type KubeObject } from '@flotilla/model'
import { until } from '../../../e2e/support/prepare-project.ts'
import { eachAtOnce } from '../at-once.ts'
import { openWorld } from '../open-world.ts'
import { readTreeUse } from '../process-trees.ts'
import { followObjects } from './follow-objects.ts'
import { pathOf } from './git-origin.ts'
import { longestPhaseMs, type Side, type SideQuestion, writesAtOnce } from './side.ts'

const kind = { group: 'flotilla.dev', version: 'v1alpha1', kind: 'Application' }
/** Nobody looks by the clock while something is measured. */
const pollSeconds = 86_400

interface Status {
  readonly observedGeneration?: number
  readonly syncRequest?: string
  readonly targets?: { readonly total: number; readonly current: number; readonly healthy: number }
}

/** One Application per folder, in direct mode. */
export async function openFlotillaSide({ fleet, hub, origin }: SideQuestion): Promise<Side> {
  await using opened = new AsyncDisposableStack()
  const world = await openWorld({
    // the host is its own and only member
    members: { hub: fleet.clusters['hub']?.kubeconfigPath },
    allowHosts: [origin.host],
    options: ['--insecure-host', origin.host],
    logLevel: 'debug',
  })
  opened.use(world)
  const project = await world.createProject(1)
  const { namespace } = project
  const followed = await followObjects(hub, kind, namespace)
  opened.defer(() => followed.close())
  const made: string[] = []
  opened.defer(() => removeAll(hub, namespace, made))
  const isDelivered = (object: KubeObject, request?: string): boolean => {
    const { observedGeneration, syncRequest, targets } = (object['status'] ?? {}) as Status
    const seen = observedGeneration === object.metadata.generation && (request === undefined || syncRequest === request)
    return seen && targets?.total === 1 && targets.current === 1 && targets.healthy === 1
  }
  const undo = opened.move()
  return {
    namespace: project.targets[0]?.namespace ?? '',
    processes: () => [world.server.pid],
    readCpuSeconds: async () => (await readTreeUse([world.server.pid])).cpuSeconds,
    async install(names) {
      made.push(...names)
      const done = followed.until(names, (object) => isDelivered(object), longestPhaseMs)
      await Promise.all([done, eachAtOnce(names, writesAtOnce, (name) => hub.apply(applicationOf(name), applyOptions))])
    },
    async deliver(names) {
      const request = randomBytes(6).toString('hex')
      const body = { metadata: { annotations: { [annotations.syncRequest]: request } } }
      const done = followed.until(names, (object) => isDelivered(object, request), longestPhaseMs)
      const ask = (name: string) => hub.patch({ ...kind, namespace, name }, { type: 'merge', body })
      await Promise.all([done, eachAtOnce(names, writesAtOnce, ask)])
    },
    // one line of its log per rendered application
    countRenders: async () => (await world.server.log()).split('"event":"rendered"').length - 1,
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  }

  function applicationOf(name: string): KubeObject {
    const chart = { git: { url: origin.url, ref: 'main', path: pathOf(name) } }
    return {
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'Application',
      metadata: { name, namespace },
      spec: { components: [{ name: 'app', helm: { chart, releaseName: name } }], pollSeconds },
    }
  }
}

const applyOptions = { fieldManager: 'bench', force: true }

async function removeAll(hub: KubeClient, namespace: string, names: readonly string[]): Promise<void> {
  await eachAtOnce(names, writesAtOnce, (name) => hub.delete({ ...kind, namespace, name }))
  await until(async () => (await hub.list(kind, { namespace })).items.length === 0, longestPhaseMs)
}
