import { type KubeObject, networkProbeNamespace } from '@flotilla/model'
import type { NetworkVerdict } from './plan-check.ts'
import {
  type ProbeImage,
  probeNamespaceObject,
  probePod,
  probePolicy,
  type ProbeRole,
  probeWords,
} from './probe-objects.ts'

export interface ProbePodSight {
  readonly phase: string
  readonly ip: string
  /** What it wrote when it ended. */
  readonly said: string
  /** Why it does not run, as the cluster says, such as ImagePullBackOff. */
  readonly reason: string
  readonly message: string
}

/** What of a measurement is in the member. */
export interface ProbeSight {
  /** `foreign`: somebody else's, of the same name. */
  readonly namespace: 'absent' | 'ours' | 'foreign' | 'going'
  readonly policy: boolean
  readonly pods: ReadonlyMap<ProbeRole, ProbePodSight>
}

export type ProbeStep =
  | { readonly do: 'create'; readonly objects: readonly KubeObject[] }
  | { readonly do: 'wait'; readonly for: string }
  | { readonly do: 'end'; readonly verdict: NetworkVerdict }

/** A measurement takes some seconds; what takes longer than this does not come. */
export const probeSeconds = 120

/** Reasons that do not go away by waiting. */
const hopeless = new Set([
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
])

/**
 * What to do next to find out whether a NetworkPolicy blocks: without one a pod connects to another; with one that
 * allows `friend`, `friend` still does and `stranger` does not. Only both together prove it: a listener that died would
 * block everybody.
 */
export function nextProbeStep(sight: ProbeSight, image: ProbeImage, elapsedSeconds: number): ProbeStep {
  const step = stepOf(sight, image)
  if (step.do === 'end' || elapsedSeconds < probeSeconds) return step
  const what = step.do === 'wait' ? step.for : 'its objects'
  return unknown(
    `The measurement waited ${probeSeconds} s for ${what}${troubleOf(sight)}. See that pods start in this cluster (namespace ${networkProbeNamespace}), then check again`,
  )
}

function stepOf({ namespace, policy, pods }: ProbeSight, image: ProbeImage): ProbeStep {
  if (namespace === 'foreign')
    return unknown(
      `There is a namespace ${networkProbeNamespace} that Flotilla did not make. Delete or rename it, then check again`,
    )
  if (namespace === 'going') return wait(`namespace ${networkProbeNamespace} to be gone`)
  if (namespace === 'absent') return create(probeNamespaceObject())
  for (const [role, pod] of pods) {
    const why = hopelessOf(role, pod, image)
    if (why !== undefined) return unknown(why)
  }
  const listener = pods.get('listener')
  if (listener === undefined) return create(probePod('listener', image))
  const { ip, phase } = listener
  if (phase !== 'Running' || ip === '') return wait('the listening pod to run')
  const early = pods.get('early')
  if (early === undefined) return create(probePod('early', image, ip))
  if (early.said === '') return wait('the pod that connects without a policy')
  if (early.said !== probeWords.connected)
    return unknown(
      'Without any policy of Flotilla a pod could not connect to another one in its own namespace. A policy of the whole cluster may forbid it, or pods have no network',
    )
  if (!policy) return create(probePolicy())
  const [stranger, friend] = [pods.get('stranger'), pods.get('friend')]
  const missing = (['stranger', 'friend'] as const).filter((role) => !pods.has(role))
  if (stranger === undefined || friend === undefined) return create(...missing.map((role) => probePod(role, image, ip)))
  if (stranger.said === '' || friend.said === '') return wait('the pods that connect with a policy')
  if (stranger.said !== probeWords.blocked)
    return end('NotEnforced', 'A pod connected to another one although a NetworkPolicy did not allow it')
  if (friend.said !== probeWords.connected)
    return unknown(
      'With a NetworkPolicy even the pod that it allows could not connect, so nothing is proven. Check again; if it stays so, look at the network plugin',
    )
  return end('Enforced', 'A pod that a NetworkPolicy did not allow was blocked, and one that it allowed connected')
}

function hopelessOf(role: ProbeRole, pod: ProbePodSight, { image }: ProbeImage): string | undefined {
  const { reason, message, phase, said } = pod
  if (/^(ErrImageNeverPull|ImagePullBackOff|InvalidImageName)$/.test(reason))
    return `The image ${image} cannot be pulled in this cluster (${reason}${message === '' ? '' : `: ${message}`}). Push it where the cluster pulls from, or name another one that has node with flotilla serve --network-probe-image`
  if (hopeless.has(reason))
    return `Pod ${role} does not start: ${reason}${message === '' ? '' : `: ${message}`}. The image ${image} needs node`
  if (phase === 'Failed' || (phase === 'Succeeded' && (said === '' || role === 'listener')))
    return `Pod ${role} ended without a result${reason === '' ? '' : ` (${reason})`}${message === '' ? '' : `: ${message}`}. The image ${image} needs node`
  return undefined
}

function troubleOf({ pods }: ProbeSight): string {
  const found = [...pods].find(([, { reason, phase }]) => reason !== '' && phase !== 'Succeeded')
  if (found === undefined) return ''
  const [role, { reason, message }] = found
  return ` (pod ${role}: ${reason}${message === '' ? '' : `: ${message}`})`
}

const create = (...objects: KubeObject[]): ProbeStep => ({ do: 'create', objects })
const wait = (what: string): ProbeStep => ({ do: 'wait', for: what })
const end = (state: NetworkVerdict['state'], message: string): ProbeStep => ({ do: 'end', verdict: { state, message } })
const unknown = (message: string): ProbeStep => end('Unknown', message)
