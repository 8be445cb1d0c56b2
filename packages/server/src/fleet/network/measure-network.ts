import { failpoint } from '@flotilla/engine'
import type { Clock, KubeClient, ObjectKey } from '@flotilla/kube'
import {
  asFlotillaError,
  fieldManager,
  isRecord,
  type KubeObject,
  labels,
  networkProbeNamespace,
} from '@flotilla/model'
import {
  type NetworkVerdict,
  nextProbeStep,
  probeLabel,
  type ProbePodSight,
  type ProbeRole,
  probeRoles,
  type ProbeSight,
} from '@flotilla/reconcile'

const namespaceKey: ObjectKey = { group: '', version: 'v1', kind: 'Namespace', name: networkProbeNamespace }
const policyKey: ObjectKey = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  namespace: networkProbeNamespace,
  name: probeLabel,
}
const lookMs = 500

export interface MeasureOptions {
  readonly client: KubeClient
  readonly image: string
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Finds out with pods whether a NetworkPolicy blocks in a cluster, and leaves nothing behind. What a killed process left
 * there goes first. Fails when the cluster cannot be asked.
 */
export async function measureNetwork(options: MeasureOptions): Promise<NetworkVerdict> {
  const { client, image, clock, signal } = options
  await removeProbe(client, signal)
  const began = clock.elapsed()
  try {
    for (;;) {
      const step = nextProbeStep(await observeProbe(client, signal), { image }, (clock.elapsed() - began) / 1000)
      if (step.do === 'end') return step.verdict
      if (step.do === 'wait' || !(await createAll(client, step.objects, signal))) await clock.sleep(lookMs, signal)
    }
  } finally {
    // also for whoever was told to stop; the next server does it when this one cannot
    await removeProbe(client, AbortSignal.timeout(5_000)).catch(() => 'the next server does it')
  }
}

/** Only what carries the mark: a namespace of that name may be somebody's. */
export async function removeProbe(client: KubeClient, signal: AbortSignal): Promise<void> {
  const found = await client.find(namespaceKey, { signal })
  const { uid, deletionTimestamp } = found?.metadata ?? {}
  if (uid === undefined || deletionTimestamp !== undefined || !isOurs(found)) return
  await client.delete(namespaceKey, { uid, signal })
}

/** Gives whether all are there; what cannot be made yet is asked for again in the next round. */
async function createAll(client: KubeClient, objects: readonly KubeObject[], signal: AbortSignal): Promise<boolean> {
  for (const object of objects) {
    try {
      await client.create(object, { fieldManager, signal })
    } catch (thrown) {
      const { code, message } = asFlotillaError(thrown)
      // a new namespace has no account for a moment, and then no pod
      if (code === 'kube.forbidden' && /service ?account/i.test(message)) return false
      // made by a request whose answer was lost
      if (code !== 'kube.conflict') throw thrown
    }
    failpoint(`measure-network.${object.kind}`)
  }
  return true
}

async function observeProbe(client: KubeClient, signal: AbortSignal): Promise<ProbeSight> {
  const namespace = await client.find(namespaceKey, { signal })
  const state = namespaceState(namespace)
  if (state !== 'ours') return { namespace: state, policy: false, pods: new Map() }
  const where = { namespace: networkProbeNamespace, signal }
  const { items } = await client.list({ group: '', version: 'v1', kind: 'Pod' }, where)
  return {
    namespace: state,
    policy: (await client.find(policyKey, { signal })) !== undefined,
    pods: new Map(
      items.flatMap((pod): [ProbeRole, ProbePodSight][] => {
        const role = probeRoles.find((one) => one === pod.metadata.name)
        return role === undefined ? [] : [[role, podSight(pod)]]
      }),
    ),
  }
}

function namespaceState(namespace: KubeObject | undefined): ProbeSight['namespace'] {
  if (namespace === undefined) return 'absent'
  if (!isOurs(namespace)) return 'foreign'
  return namespace.metadata.deletionTimestamp === undefined ? 'ours' : 'going'
}

const isOurs = (namespace: KubeObject | undefined): boolean => namespace?.metadata.labels?.[labels.probe] === probeLabel

function podSight(pod: KubeObject): ProbePodSight {
  const status = recordOf(pod['status'])
  const [container] = listOf(status['containerStatuses']).map(recordOf)
  const { waiting, terminated } = recordOf(container?.['state'])
  const ended = recordOf(terminated)
  const held = [recordOf(waiting), ended, ...listOf(status['conditions']).map(recordOf).filter(isUnscheduled), status]
  const found = held.find(({ reason }) => typeof reason === 'string' && !ordinary.has(reason)) ?? {}
  const said = ended['exitCode'] === 0 ? textOf(ended['message']) : ''
  return {
    phase: textOf(status['phase']),
    ip: textOf(status['podIP']),
    said: said.trim(),
    reason: textOf(found['reason']),
    // of a pull it holds every address that was tried
    message: textOf(found['message']).slice(0, 500),
  }
}

const ordinary = new Set(['ContainerCreating', 'PodInitializing', 'Completed'])
const isUnscheduled = ({ type, status }: Record<string, unknown>): boolean =>
  type === 'PodScheduled' && status === 'False'
const recordOf = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {})
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
