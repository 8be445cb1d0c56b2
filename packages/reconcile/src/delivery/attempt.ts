import type { Delivery, DeliveryStatus } from '@flotilla/model'
import { hashOf } from './hash.ts'

export type Attempt = NonNullable<DeliveryStatus['attempt']>

/** Names one attempt in inventory and effects: another digest, or another start, is another attempt. */
export function attemptId(delivery: Delivery, attempt: Pick<Attempt, 'digest' | 'startedAt' | 'standby'>): string {
  const standby = attempt.standby === true ? ['standby'] : []
  return hashOf([delivery.metadata.uid, attempt.digest, attempt.startedAt, ...standby]).slice(0, 12)
}

/** Whether what was written, or is being written, is what is wanted: the same content, standing still or not. */
export const isSameWish = (
  { spec }: Pick<Delivery, 'spec'>,
  done: { readonly digest: string; readonly standby?: boolean | undefined } | undefined,
): boolean =>
  done !== undefined && done.digest === spec.desired?.digest && (done.standby === true) === (spec.standby === true)

export const secondsBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000
export const addSeconds = (time: string, seconds: number): string =>
  new Date(Date.parse(time) + seconds * 1000).toISOString()

const firstRetrySeconds = 5
const longestRetrySeconds = 300

/** How long to wait before what failed is tried again. Transient troubles pass; a person's mistake costs few requests. */
export function retrySeconds(failures: number): number {
  return Math.min(longestRetrySeconds, firstRetrySeconds * 2 ** Math.min(failures - 1, 10))
}
