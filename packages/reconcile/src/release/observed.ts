import type { Application, Delivery, ErrorNext, Finding, Known, Release, Rollout } from '@flotilla/model'
import type { Decision, Effect } from '../decision.ts'

export type ReleaseStatus = NonNullable<Release['status']>
export type FrozenStatus = NonNullable<ReleaseStatus['frozen']>

/** What this process knows of the freezing of a release; nothing of it outlives the process but what was written. */
export type FreezeSight =
  | { readonly state: 'absent' }
  | { readonly state: 'running'; readonly done: number; readonly total: number }
  | {
      readonly state: 'failed'
      /** `freezeKey` of what was tried. */
      readonly asked: string
      readonly findings: readonly Finding[]
      readonly next: ErrorNext
      /** RFC 3339, UTC. */
      readonly at: string
      /** Failures in a row, this one included. */
      readonly attempts: number
    }
  | { readonly state: 'done'; readonly frozen: FrozenStatus; readonly findings: readonly Finding[] }

export interface ReleaseObserved {
  /** Value undefined: there is none. */
  readonly application: Known<Application | undefined>
  /** Of the application, whichever release they are of. */
  readonly rollouts: Known<readonly Rollout[]>
  readonly deliveries: Known<readonly Delivery[]>
  readonly freeze: FreezeSight
}

/** Renders it for every target and stores all of it, or nothing is said of it. */
export type ReleaseEffect = Effect & { readonly kind: 'Freeze' }
export type ReleaseDecision = Decision<ReleaseStatus, ReleaseEffect>
