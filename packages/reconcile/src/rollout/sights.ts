import type { Delivery, Known, RolloutDocumentTarget, RolloutTarget, WantedSet } from '@flotilla/model'
import { known, targetKey } from '@flotilla/model'
import { bringsNothing, later, type Run, secondsSince } from './run.ts'

/** A tunnel that breaks off is back in this time or is really gone (two heartbeats, and a reconnect with its jitter). */
export const awayGraceSeconds = 30

/**
 * How long a target may be ill, or its apply fail again and again, before it counts as failed: what Kubernetes itself gives a
 * Deployment (progressDeadlineSeconds), and seven tries of the Delivery.
 */
export const patienceSeconds = 600

export type ClusterSight =
  | { readonly here: true }
  /** `gone`: long enough that the offline policy counts. */
  | { readonly here: false; readonly since: string; readonly why: string; readonly gone: boolean }

export function seeCluster({ observed, now }: Run, cluster: string): ClusterSight {
  const sight = observed.clusters.get(cluster)
  if (sight === undefined) return { here: false, since: now, why: `the cluster ${cluster} to be seen`, gone: false }
  switch (sight.state) {
    case 'connected':
      return { here: true }
    case 'absent':
      return { here: false, since: now, why: `the cluster ${cluster}, which is not in the fleet`, gone: true }
    case 'connecting':
    case 'lost': {
      const gone = secondsSince(sight.since, now) >= awayGraceSeconds
      const why = `the cluster ${cluster}, which cannot be reached: ${sight.reason ?? 'it is being connected'}`
      return { here: false, since: sight.since, why, gone }
    }
    default:
      return sight satisfies never
  }
}

export function seeDelivery({ observed }: Run, target: RolloutTarget): Known<Delivery | undefined> {
  if (!observed.deliveries.known) return observed.deliveries
  return known(observed.deliveries.value.get(targetKey(target)))
}

/** One direction of a target: to what this run wants, or back. */
export interface Course {
  readonly to: WantedSet | undefined
  readonly from: WantedSet | undefined
  readonly rollback: boolean
  readonly syncRequest: string | undefined
}

export function courseOf(run: Run, target: RolloutTarget, { want, before }: RolloutDocumentTarget): Course {
  const back = target.phase === 'RollingBack'
  const token = target.attempt === 0 ? undefined : `${run.uid}/${target.attempt}${back ? '/back' : ''}`
  return back
    ? { to: before, from: want, rollback: true, syncRequest: token }
    : { to: want, from: before, rollback: run.document.action === 'Rollback', syncRequest: token }
}

/** Whether its Delivery was given what the course goes to, still has what the course comes from, or neither. */
export function computeWritten(run: Run, course: Course, delivery: Delivery | undefined): 'written' | 'not' | 'other' {
  // the Delivery of a target that left its application is taken away once it has applied the empty set
  if (delivery === undefined && bringsNothing(course.to)) return 'written'
  if (delivery === undefined && course.rollback && bringsNothing(course.from)) return 'not'
  const desired = delivery?.spec.desired
  if (desired?.digest !== course.to?.digest) return desired?.digest === course.from?.digest ? 'not' : 'other'
  if (course.to === undefined) return 'not'
  const asked = course.syncRequest === undefined || delivery?.spec.syncRequest === course.syncRequest
  return desired?.rollout === run.name && asked ? 'written' : 'not'
}

export type DeliverySight =
  | { readonly state: 'open' | 'unseen'; readonly waitingFor: string }
  | { readonly state: 'good' }
  | { readonly state: 'failed'; readonly message: string }

/** Whether what was written stands in the member whole. An older word of the Delivery, about other content, says nothing. */
export function computeApplied({ now }: Run, course: Course, delivery: Delivery, since: string): DeliverySight {
  const { status, metadata } = delivery
  const digest = course.to?.digest
  const asked = (answer: { readonly syncRequest?: string | undefined } | undefined): boolean =>
    course.syncRequest === undefined || answer?.syncRequest === course.syncRequest
  const current = metadata.generation === undefined || (status?.observedGeneration ?? 0) >= metadata.generation
  const waitingFor = `its Delivery to apply it: ${status?.waitingFor ?? status?.message ?? status?.phase ?? 'not begun'}`
  if (!current || status === undefined) return { state: 'open', waitingFor: 'its Delivery to see what is wanted' }
  const { applied, attempt } = status
  if (applied?.digest === digest && asked(applied) && attempt === undefined) return { state: 'good' }
  if (status.phase !== 'Failed' || attempt?.digest !== digest || !asked(attempt)) return { state: 'open', waitingFor }
  const message = status.message ?? 'its Delivery failed'
  if (attempt?.retryAt === undefined) return { state: 'failed', message }
  if (secondsSince(since, now) < patienceSeconds) return { state: 'open', waitingFor }
  return { state: 'failed', message: `It failed again and again for ${patienceSeconds} s: ${message}` }
}

/** Whether it is well. What is not seen is neither well nor ill. */
export function computeWell({ now }: Run, delivery: Delivery | undefined, since: string): DeliverySight {
  const status = delivery?.status
  if (status?.unknownSince !== undefined)
    return { state: 'unseen', waitingFor: `its health, which is not seen since ${status.unknownSince}` }
  const health = status?.health
  switch (health) {
    case 'Healthy':
    case 'Suspended':
      return { state: 'good' }
    case 'Degraded':
    case 'Failed': {
      const from = status?.healthSince === undefined || status.healthSince < since ? since : status.healthSince
      const why = status?.message ?? `it is ${health}`
      if (secondsSince(from, now) < patienceSeconds)
        return { state: 'open', waitingFor: `its health, until ${later(from, patienceSeconds)}: ${why}` }
      return { state: 'failed', message: `It is ${health} since ${from}: ${why}` }
    }
    case 'Progressing':
    case 'Missing':
    case 'Unknown':
    case undefined:
      return { state: 'open', waitingFor: `its health: ${status?.message ?? health ?? 'not seen yet'}` }
    default:
      return health satisfies never
  }
}
