import type {
  Delivery,
  FrozenDocument,
  Known,
  Plan,
  Release,
  Rollout,
  RolloutDocument,
  RolloutDocumentTarget,
  RolloutStatus,
  Step,
  StepRef,
} from '@flotilla/model'
import type { Decision, Effect } from '../decision.ts'
import type { ConnectionSight } from '../delivery/types.ts'

/** One run of one step. Its key is the run's name everywhere: in the ledger, on a Job, in logs. */
export interface StepInHand {
  /** `<stage>/<cluster>/<namespace>/<list>/<step>/<attempt>`, with `-` for both of a step that is of the stage alone. */
  readonly key: string
  readonly ref: StepRef
  readonly list: 'before' | 'after'
  readonly attempt: number
  readonly step: Step
  /** Where its Job runs, and what its images are taken from: the step's target, or the one that stands for the stage. */
  readonly place: RolloutDocumentTarget
  readonly since: string
}

/** What is seen of a step that was begun. */
export type StepSight =
  /** It was recorded, and nothing of it is there yet: it is begun again, under the same key. */
  | { readonly state: 'absent' }
  | { readonly state: 'running'; readonly waitingFor?: string | undefined; readonly evidence?: readonly string[] }
  | { readonly state: 'succeeded'; readonly message?: string | undefined; readonly evidence?: readonly string[] }
  | { readonly state: 'failed'; readonly message: string; readonly evidence?: readonly string[] }
  /** Nobody can say how it ended: a person has to. */
  | { readonly state: 'uncertain'; readonly message: string }

/** An Approval as it counts: who gave it, by name, with the roles that they hold in the project now. */
export interface ApprovalSight {
  readonly name: string
  readonly approver: string
  readonly userName: string
  readonly roles: readonly string[]
  readonly digest: string
  readonly decision: 'Approved' | 'Rejected'
  readonly note?: string | undefined
  /** Absent: for every approval step of the release. */
  readonly step?: (StepRef & { readonly rollout: string }) | undefined
  readonly at: string
}

/** What a rollout is made of, asked for until its document is stored. */
export interface RolloutOpening {
  readonly release: Release | undefined
  readonly frozen: FrozenDocument | undefined
  readonly plan: Plan | undefined
  /** Of a rollback: the run that is taken back. */
  readonly of?: { readonly rollout: Rollout; readonly document: RolloutDocument } | undefined
  /** Labels of clusters by name, for the plan's selectors. */
  readonly clusterLabels: ReadonlyMap<string, Readonly<Record<string, string>>>
  /** Migrations that this rollback would go past and that cannot be taken back, by name. */
  readonly irreversible: readonly string[]
  /** Why the application cannot be delivered now at all (not governed, paused, moving); undefined: it can. */
  readonly barred?: string | undefined
  /** A hold of the application that this run would go over: a rollback passes it, a release does not. */
  readonly hold?: { readonly reason: string } | undefined
  /** Users who may approve, by user name with their roles: a plan that nobody can approve is refused at once. */
  readonly approvers: readonly {
    readonly userName: string
    readonly identity: string
    readonly roles: readonly string[]
  }[]
}

export interface RolloutObserved {
  /** Value undefined: none is stored yet. */
  readonly document: Known<RolloutDocument | undefined>
  readonly opening: Known<RolloutOpening>
  /** By target key. */
  readonly deliveries: Known<ReadonlyMap<string, Delivery>>
  readonly clusters: ReadonlyMap<string, ConnectionSight>
  /** Of steps that are recorded as begun and not ended, by key. */
  readonly steps: ReadonlyMap<string, Known<StepSight>>
  readonly approvals: Known<readonly ApprovalSight[]>
  /** Other runs of the application that have not ended. */
  readonly others: Known<readonly Rollout[]>
  /** Keys of targets that the application has now: one that the document does not name came later. */
  readonly placed: Known<readonly string[]>
}

export type RolloutEffect =
  | (Effect & { readonly kind: 'AddFinalizer' | 'RemoveFinalizer' })
  /** Stores the document; its digest then stands in the status. */
  | (Effect & { readonly kind: 'StoreDocument'; readonly document: RolloutDocument })
  /** Writes `spec.desired` of a Delivery, made where there is none; only over `from`, what it has now. `want` undefined takes the Delivery away. */
  | (Effect & {
      readonly kind: 'WriteDelivery'
      readonly target: RolloutDocumentTarget
      readonly want: RolloutDocumentTarget['want']
      readonly from: string | undefined
      readonly rollback: boolean
    })
  | (Effect & { readonly kind: 'BeginStep'; readonly step: StepInHand })
  /** A person said how it ended: the ledger hears of it. */
  | (Effect & {
      readonly kind: 'ResolveStep'
      readonly step: StepInHand
      readonly outcome: 'Succeeded' | 'Failed'
      readonly by: string
      readonly reason: string
    })
  /** Its end is recorded: log kept, finalizers taken off. */
  | (Effect & { readonly kind: 'LetGoStep'; readonly step: StepInHand })
  /** Asks a step that runs to end: its Job is deleted, its measuring stops. */
  | (Effect & { readonly kind: 'CancelStep'; readonly step: StepInHand })
  /** Nothing goes out by itself from now on. */
  | (Effect & { readonly kind: 'HoldApplication'; readonly reason: string })

export type RolloutDecision = Decision<RolloutStatus, RolloutEffect>

export interface RolloutQuestion {
  readonly object: Rollout
  readonly observed: RolloutObserved
  /** RFC 3339, UTC. */
  readonly now: string
}
