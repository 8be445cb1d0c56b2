import type { Application, Delivery, Known, Move, MoveStatus, Placement, Project, TargetChoice } from '@flotilla/model'
import type { ObservedCluster } from '../application/observed.ts'
import type { Decision, Effect } from '../decision.ts'
import type { ActingSight } from './acting.ts'

/** What `reconcileMove` is told. Application and Deliveries are read for this decision, after what this process wrote last. */
export interface MoveObserved {
  readonly application: Known<Application | undefined>
  readonly project: Known<Project | undefined>
  /** Clusters that the project's workspace may use. */
  readonly clusters: Known<readonly ObservedCluster[]>
  /** The application's own, whatever their target. */
  readonly deliveries: Known<readonly Delivery[]>
  /** What acts in a place, by `targetKey`; asked of the member itself after the Deliveries were read. */
  readonly looks: ReadonlyMap<string, Known<ActingSight>>
  /** Rollouts of the application that are under way; asked for where one may bring it to a place, or take it there. */
  readonly rollouts: Known<readonly string[]>
}

/** What a move says of its application. Whatever else is in the application stays. */
export interface ApplicationFields {
  readonly placement: Placement
  readonly standby: readonly TargetChoice[]
  /** Undefined: let go. */
  readonly move: string | undefined
}

export type MoveEffect =
  | (Effect & { readonly kind: 'AddFinalizer' | 'RemoveFinalizer' })
  | (Effect & {
      readonly kind: 'WriteApplication'
      readonly fields: ApplicationFields
      /** What was decided on: another version is decided on anew. */
      readonly resourceVersion: string
      /** The newest revision from before the move, where it has come to its end. */
      readonly movedAfter?: number | undefined
    })
  /** Of a governed application, whose Deliveries nobody else takes away. */
  | (Effect & { readonly kind: 'DeleteDelivery'; readonly name: string; readonly uid: string })

export type MoveDecision = Decision<MoveStatus, MoveEffect>

export interface MoveQuestion {
  readonly object: Move
  readonly observed: MoveObserved
  /** RFC 3339, UTC. */
  readonly now: string
}
