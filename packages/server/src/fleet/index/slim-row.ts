import type { HealthState } from '@flotilla/model'

/**
 * What is kept of one object of a cluster: as much as a list shows, sorts and filters by. All rows have all fields in
 * this order, so that they are of one shape; what an object has not is undefined. Words that many rows share are one
 * string (`WordPool`).
 */
export interface SlimRow {
  /** Empty for what is cluster-scoped. */
  readonly namespace: string
  readonly name: string
  /** Seconds since the epoch; 0 where it is not said. */
  readonly createdAt: number
  /** One word: what kubectl shows as STATUS, a health word, `Warning` or `Normal`, a type of service. */
  readonly state: string
  readonly health: HealthState | undefined
  readonly message: string | undefined
  readonly labels: LabelSet
  /** `Kind/name` of who made it; of an event, what it is about. */
  readonly owner: string | undefined
  readonly node: string | undefined
  readonly images: readonly string[]
  readonly ready: number | undefined
  readonly wanted: number | undefined
  /** Restarts of a pod, jobs that a cron job runs now, how often an event came. */
  readonly count: number | undefined
  /** Seconds: when it was last seen (event), ran (cron job), ended (job), restarted (pod). */
  readonly lastAt: number | undefined
  readonly address: string | undefined
  /** Version of a node, ports of a service, schedule of a cron job, reason of an event. */
  readonly detail: string | undefined
}

/** Labels as one object for all rows that have the same ones. */
export type LabelSet = Readonly<Record<string, string>>

export const noLabels: LabelSet = {}
export const noImages: readonly string[] = []
