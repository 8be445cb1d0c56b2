import { createWatch, type Clock, type KubeClient, type Watch } from '@flotilla/kube'
import type { Log } from '@flotilla/engine'
import {
  asFlotillaError,
  type Known,
  known,
  type KubeObject,
  parseQuantity,
  type Resources,
  unknown,
} from '@flotilla/model'
import type { ClusterFacts, ClusterSight } from '@flotilla/reconcile'
import { computePodRequests, type PodRequests } from './pod-requests.ts'

export interface FactsWatch {
  /** What is known of the cluster; the sight brings the uid of kube-system. */
  facts(sight: Known<ClusterSight>): Known<ClusterFacts>
  close(): void
}

export interface FactsWatchOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
  /** Called when a node comes, goes or changes its mind, and when what the cluster serves has changed. */
  readonly onChange: () => void
}

interface NodeItem {
  readonly ready: boolean
  readonly capacity: Resources
  readonly allocatable: Resources
}

interface Served {
  readonly apiGroups: readonly string[]
  readonly metrics: boolean
  readonly policies: boolean
}

/** What a cluster serves is asked again this often; a new group of a chart's is asked for by its own render anyway. */
const servedEveryMs = 60_000
const servedRetryMs = 5_000
const nothing: Resources = { cpuMillis: 0, memoryBytes: 0, pods: 0 }

/** Watches nodes, pods and storage classes of a member, keeping a few numbers of each. */
export function watchFacts({ client, clock, log, onChange }: FactsWatchOptions): FactsWatch {
  const ended = new AbortController()
  const { signal } = ended
  const nodes = createWatch<NodeItem>({
    client,
    kind: { group: '', version: 'v1', kind: 'Node' },
    signal,
    project: nodeItem,
    onEvent: (change) => {
      if (change.type !== 'modified' || !sameNode(change.object, change.previous)) onChange()
    },
    onState: onChange,
  })
  const pods = createWatch<PodRequests | undefined>({
    client,
    kind: { group: '', version: 'v1', kind: 'Pod' },
    signal,
    project: computePodRequests,
    onState: onChange,
  })
  const storageClasses = createWatch<boolean>({
    client,
    kind: { group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass' },
    signal,
    project: ({ metadata }) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
    onEvent: onChange,
    onState: onChange,
  })
  let served: Served | undefined

  async function followServed(): Promise<void> {
    for (;;) {
      let wait = servedEveryMs
      try {
        // who writes meanwhile need not wait for it
        await client.discovery.renew({ signal })
        const kinds = await client.discovery.kinds({ signal })
        const groups = [...new Set(kinds.map(({ group }) => group))].filter((group) => group !== '').sort()
        const metrics = kinds.some(({ group, kind }) => group === 'metrics.k8s.io' && kind === 'NodeMetrics')
        const policies = kinds.some(
          ({ group, version, kind }) =>
            group === 'admissionregistration.k8s.io' && version === 'v1' && kind === 'ValidatingAdmissionPolicy',
        )
        const before = JSON.stringify(served)
        served = { apiGroups: groups, metrics, policies }
        if (before !== JSON.stringify(served)) onChange()
      } catch (thrown) {
        signal.throwIfAborted()
        log.debug('discovery failed', { cluster: client.name, code: asFlotillaError(thrown).code })
        wait = servedRetryMs
      }
      await clock.sleep(wait * (0.8 + clock.random() * 0.4), signal)
    }
  }
  void followServed().catch(() => 'closed')

  const behind = ({ state, kind }: Watch<unknown>): string | undefined =>
    state.state === 'synced' ? undefined : `${kind.kind} objects of ${client.name} are not seen now`

  return {
    facts: (sight) => {
      if (!sight.known) return sight
      const reason = behind(nodes) ?? behind(pods) ?? behind(storageClasses)
      if (reason !== undefined) return unknown(reason)
      if (served === undefined) return unknown(`What ${client.name} serves is not known yet`)
      const uid = sight.value.namespaces.get('kube-system')?.uid
      if (uid === undefined) return unknown(`${client.name} has no namespace kube-system`)
      const all = [...nodes.objects.values()]
      const { apiGroups, metrics, policies } = served
      return known({
        uid,
        nodes: { ready: all.filter(({ ready }) => ready).length, total: all.length },
        capacity: all.reduce((sum, node) => add(sum, node.capacity), nothing),
        allocatable: all.reduce((sum, node) => add(sum, node.allocatable), nothing),
        requested: requestedOf(pods.objects.values()),
        lacks: [
          ...(metrics ? [] : ['metrics-server']),
          ...([...storageClasses.objects.values()].includes(true) ? [] : ['default StorageClass']),
        ],
        apiGroups,
        hasPolicies: policies,
      })
    },
    close: () => ended.abort(new Error('the cluster is no longer watched')),
  }
}

function requestedOf(pods: Iterable<PodRequests | undefined>): Resources {
  let sum = nothing
  for (const pod of pods) if (pod !== undefined) sum = add(sum, { ...pod, pods: 1 })
  return sum
}

const add = (a: Resources, b: Resources): Resources => ({
  cpuMillis: a.cpuMillis + b.cpuMillis,
  memoryBytes: a.memoryBytes + b.memoryBytes,
  pods: a.pods + b.pods,
})

function nodeItem(node: KubeObject): NodeItem {
  const status = (node['status'] ?? {}) as {
    capacity?: Record<string, unknown>
    allocatable?: Record<string, unknown>
    conditions?: { type?: string; status?: string }[]
  }
  return {
    ready: status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true,
    capacity: resourcesOf(status.capacity),
    allocatable: resourcesOf(status.allocatable),
  }
}

const resourcesOf = (of: Record<string, unknown> = {}): Resources => ({
  cpuMillis: Math.round(parseQuantity(of['cpu']) * 1000),
  memoryBytes: Math.round(parseQuantity(of['memory'])),
  pods: Math.round(parseQuantity(of['pods'])),
})

const sameNode = (a: NodeItem, b: NodeItem): boolean => JSON.stringify(a) === JSON.stringify(b)
