import {
  computeConditions,
  type ComponentStatus,
  type Delivery,
  type DeliveryPhase,
  type DeliveryStatus,
  type HealthState,
  type NewCondition,
  summariseHealth,
} from '@flotilla/model'
import type { Attempt } from './attempt.ts'

/** What one decision has to say; everything else stays as it was. */
export interface StatusNews {
  readonly phase: DeliveryPhase
  /** Undefined: nothing is waited for. */
  readonly waitingFor?: string | undefined
  /** Undefined: the work is over. */
  readonly attempt: Attempt | undefined
  /** What a person has to know first; undefined when all is well. */
  readonly trouble?: string | undefined
  /** Undefined: not seen now; what was seen last stays. */
  readonly components?: readonly ComponentStatus[] | undefined
  readonly unknownSince?: string | undefined
  readonly helmChanged?: string | undefined
  readonly drift?: DeliveryStatus['drift'] | undefined
  readonly applied?: DeliveryStatus['applied'] | undefined
  readonly inventory?: DeliveryStatus['inventory'] | undefined
  readonly findings?: DeliveryStatus['findings'] | undefined
}

const longestMessage = 4096

/** The status with the news in it. The same news give the same status: times move only when what they speak of did. */
export function composeStatus(object: Delivery, news: StatusNews, now: string): DeliveryStatus {
  const before = object.status
  const components = news.components ?? before?.components
  const health = news.unknownSince === undefined ? healthOf(news, components) : 'Unknown'
  const message = composeMessage(news, components)
  const sameWait = before?.phase === news.phase && before.waitingFor !== undefined
  const status: Record<string, unknown> & DeliveryStatus = {
    observedGeneration: object.metadata.generation,
    phase: news.phase,
    waitingFor: news.waitingFor?.slice(0, 1024),
    waitingSince: news.waitingFor === undefined ? undefined : sameWait ? (before.waitingSince ?? now) : now,
    applied: news.applied ?? before?.applied,
    attempt: news.attempt,
    health,
    healthSince: before?.health === health ? (before.healthSince ?? now) : now,
    message: message === '' ? undefined : message.slice(0, longestMessage),
    unknownSince: news.unknownSince,
    components: components === undefined ? undefined : [...components],
    drift: news.drift ?? before?.drift,
    helmChanged: news.helmChanged?.slice(0, 1024),
    inventory: news.inventory ?? before?.inventory,
    findings: news.findings ?? before?.findings,
    conditions: computeConditions(before?.conditions, [readyCondition(object, news, health, message)], now),
  }
  return dropUndefined(status)
}

function healthOf(news: StatusNews, components: readonly ComponentStatus[] | undefined): HealthState {
  const seen = summariseHealth((components ?? []).map(({ health }) => health)).state
  if (components === undefined || components.length === 0) return news.phase === 'Settled' ? 'Healthy' : 'Progressing'
  return seen
}

function composeMessage(news: StatusNews, components: readonly ComponentStatus[] | undefined): string {
  if (news.trouble !== undefined) return news.trouble
  if (news.helmChanged !== undefined) return `${news.helmChanged}. Held until you sync.`
  const worst = (components ?? []).find(({ health, message }) => health !== 'Healthy' && message !== undefined)
  return worst?.message ?? ''
}

function readyCondition(object: Delivery, news: StatusNews, health: HealthState, message: string): NewCondition {
  const generation = object.metadata.generation
  const observed = generation === undefined ? {} : { observedGeneration: generation }
  if (news.unknownSince !== undefined) {
    return {
      type: 'Ready',
      status: 'Unknown',
      reason: 'NotSeen',
      message: message.slice(0, longestMessage),
      ...observed,
    }
  }
  const ready = news.phase === 'Settled' && (health === 'Healthy' || health === 'Suspended')
  const reason = ready ? 'Settled' : news.phase === 'Settled' ? health : news.phase
  const text = ready ? '' : message === '' ? (news.waitingFor ?? '') : message
  return {
    type: 'Ready',
    status: ready ? 'True' : 'False',
    reason,
    message: text.slice(0, longestMessage),
    ...observed,
  }
}

function dropUndefined(status: Record<string, unknown> & DeliveryStatus): DeliveryStatus {
  for (const key of Object.keys(status)) if (status[key] === undefined) delete status[key]
  return status
}
