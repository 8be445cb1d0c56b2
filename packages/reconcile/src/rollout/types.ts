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
  StepRecord,
  StepRef,
} from '@flotilla/model'
import type { Decision, Effect } from '../decision.ts'
import type { ConnectionSight } from '../delivery/types.ts'

/** One run of one step. Its key is the run's name everywhere: in the ledger, on a Job, in logs. */
export interface StepInHand {
  /**
   * `<rollout uid>/<stage>/<cluster>/<namespace>/<list>/<step>/<attempt>`, with `-` for cluster and namespace of a step
   * that is of the stage alone.
   */
  readonly key: string
  readonly ref: StepRef
  readonly list: 'before' | 'after'
  readonly attempt: number
  readonly step: Step
  /** Where its Job runs, and what its images are taken from: the step's target, or the one that stands for the stage. */
  readonly place: RolloutDocumentTarget
  readonly since: string
}

/**
 * What is seen of a step that was begun. Read from where the truth is (the API server, the ledger), never from a copy that
 * may be behind what we wrote: `absent` means that nothing of it runs now.
 */
export type StepSight = StepEnd & { readonly job?: StepRecord['job'] }

type StepEnd =
  /** It was recorded, and nothing of it is there: it is begun again under the same key, unless it was seen to run. */
  | { readonly state: 'absent' }
  | { readonly state: 'running'; readonly waitingFor?: string | undefined; readonly evidence?: readonly string[] }
  | {
      readonly state: 'succeeded'
      readonly message?: string | undefined
      readonly evidence?: readonly string[]
      /** It ran for somebody else, and was over before the release was compared with what runs. */
      readonly ranBefore?: boolean
    }
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

/** What a rollout is made of, asked for until it has begun. */
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

/** How the run records that a step ended. */
export type StepOutcome = 'Succeeded' | 'Failed' | 'Uncertain' | 'Skipped'

export interface StoredRolloutDocument {
  /** Under which it is stored. */
  readonly digest: string
  readonly document: RolloutDocument
}

export interface RolloutObserved {
  /** Value undefined: none is stored yet. Once one is stored for a rollout's uid, it stays the one. */
  readonly document: Known<StoredRolloutDocument | undefined>
  /** Asked for until the run has begun; later it may be unknown. */
  readonly opening: Known<RolloutOpening>
  /** By target key. */
  readonly deliveries: Known<ReadonlyMap<string, Delivery>>
  readonly clusters: ReadonlyMap<string, ConnectionSight>
  /** Of the steps that `computeStepsInHand` names, by key. */
  readonly steps: ReadonlyMap<string, Known<StepSight>>
  /** Keys of steps that were let go of since the process began. A restart forgets them; letting go twice changes nothing. */
  readonly released: ReadonlySet<string>
  /** Why the last work on a step failed, by its key: it is tried again. */
  readonly troubles: ReadonlyMap<string, string>
  readonly approvals: Known<readonly ApprovalSight[]>
  /** Other runs of the application that have not ended. While `claim` is new, read from the API server, not from a copy. */
  readonly others: Known<readonly Rollout[]>
  /** Keys of targets that the application has now: one that the document does not name came later. */
  readonly placed: Known<readonly string[]>
}

export type RolloutEffect =
  | (Effect & { readonly kind: 'AddFinalizer' | 'RemoveFinalizer' })
  /** Stores the document under the rollout's uid, unless one is there; it comes back as `observed.document`. */
  | (Effect & { readonly kind: 'StoreDocument'; readonly document: RolloutDocument })
  /**
   * Writes `spec.desired` of a Delivery, made where there is none, with the name of this rollout; only over the digest `from`
   * (undefined: it has none), or where it has what is wanted already. `want` undefined takes the Delivery away.
   */
  | (Effect & {
      readonly kind: 'WriteDelivery'
      readonly target: RolloutDocumentTarget
      readonly want: RolloutDocumentTarget['want']
      readonly from: string | undefined
      readonly rollback: boolean
      /** Asks the Delivery to do once more what it did not bring to its end. Absent: it keeps the one it has. */
      readonly syncRequest?: string | undefined
    })
  | (Effect & { readonly kind: 'BeginStep'; readonly step: StepInHand })
  /** A person said how it ended: the ledger hears of it, before it is let go of. */
  | (Effect & {
      readonly kind: 'ResolveStep'
      readonly step: StepInHand
      readonly outcome: 'Succeeded' | 'Failed'
      readonly by: string
      readonly reason: string
    })
  /**
   * Its end is recorded: log kept, finalizers taken off, and where it was `Skipped` before anything of it ran, its intent taken
   * out of the ledger. Its key then stands in `observed.released`.
   */
  | (Effect & { readonly kind: 'LetGoStep'; readonly step: StepInHand; readonly outcome: StepOutcome })
  /** Asks a step that runs to end: its Job is deleted, its measuring stops. */
  | (Effect & { readonly kind: 'CancelStep'; readonly step: StepInHand })
  /** Nothing goes out by itself from now on. */
  | (Effect & { readonly kind: 'HoldApplication'; readonly reason: string })

export type RolloutDecision = Decision<RolloutStatus, RolloutEffect>

/**
 * Runs of one application are decided one after another (read, decide, write the status), so that of two that start at the
 * same time the second sees the first.
 */
export interface RolloutQuestion {
  readonly object: Rollout
  readonly observed: RolloutObserved
  /** RFC 3339, UTC. */
  readonly now: string
}
