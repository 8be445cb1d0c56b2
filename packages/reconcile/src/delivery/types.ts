import type { Delivery, DeliveryStatus, ErrorCode, HookInHand, Known, KubeObject, ObjectRef } from '@flotilla/model'
import type { Decision, Effect } from '../decision.ts'
import type { HashKey } from './hash.ts'
import type { Inventory } from './inventory.ts'
import type { LiveSight } from './live-sight.ts'
import type { Still } from './standby.ts'

/** One hook of a set, as the chart describes it. */
export interface DeliveryHook {
  readonly name: string
  readonly object: KubeObject
  readonly events: readonly string[]
  readonly weight: number
  readonly deletePolicies: readonly string[]
}

/** The rendered set of one component, as it was stored. */
export interface DeliverySet {
  readonly component: string
  readonly crds: readonly KubeObject[]
  readonly objects: readonly KubeObject[]
  readonly hooks: readonly DeliveryHook[]
  readonly helm?: { readonly releaseName: string } | undefined
}

/** An object as it is sent to the member, with all that Flotilla adds. */
export interface PreparedObject {
  readonly component: string
  readonly ref: ObjectRef
  readonly object: KubeObject
  /** Over the object as sent: equal hash, equal wish. */
  readonly hash: string
  /** From a chart's `crds/`: there before everything else, never pruned, left alone where somebody else brought it. */
  readonly fromCrdFolder: boolean
  /** `helm.sh/resource-policy: keep`. */
  readonly keep: boolean
  /** Field managers whose paths are left to them. */
  readonly leaveTo: readonly string[]
  /** What keeps it from acting in a target in standby; left to nobody. */
  readonly still?: Still | undefined
}

export interface ObjectFailure {
  readonly ref: ObjectRef
  readonly code: ErrorCode
  readonly message: string
  readonly remedy?: string | undefined
}

/** What one hook's object says. `other` is an object of that name that this run did not create. */
export type HookSight =
  | { readonly state: 'absent' }
  | { readonly state: 'other' }
  | { readonly state: 'running' }
  | { readonly state: 'succeeded' }
  | { readonly state: 'failed'; readonly message: string }
  /** It migrates, and something ended it: nobody knows how far it came. */
  | { readonly state: 'uncertain'; readonly message: string }

/** The newest record of one Helm release. */
export interface ReleaseSight {
  readonly revision: number
  readonly status: string
  /** The Delivery that wrote it; undefined when plain helm did. */
  readonly writtenBy: string | undefined
  /** How many of its records say `deployed`; more than one when a writer died between the new and the old one. */
  readonly deployed?: number | undefined
}

export type ConnectionSight =
  | { readonly state: 'connected' }
  | { readonly state: 'connecting' | 'lost'; readonly since: string; readonly reason?: string }
  /** There is no such cluster in the fleet. */
  | { readonly state: 'absent' }

export interface AppliedObject {
  /** Content hash that the API server answered with. */
  readonly live: string
  readonly resourceVersion: string
}

/** What came of an effect, by its key. Kept in memory only: a restart forgets it, and the effect is done again. */
export type EffectResult =
  | { readonly kind: 'done' }
  /** A migration that ran before: there is nothing to run. */
  | { readonly kind: 'ranBefore'; readonly message: string }
  /** Refused for good; a transport that failed gives no result at all. */
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'failures'; readonly failures: readonly ObjectFailure[]; readonly skipped: readonly string[] }
  | {
      readonly kind: 'applied'
      readonly applied: ReadonlyMap<string, AppliedObject>
      readonly failures: readonly ObjectFailure[]
      /** Definitions that somebody else brought, by `refKey`. */
      readonly skipped: readonly string[]
      readonly at: string
    }
  /** Paths that an apply would change; none means that nothing of ours differs. */
  | { readonly kind: 'drift'; readonly paths: readonly string[] }

export interface Barred {
  /** What the member said. */
  readonly reason: string
  /** What the platform itself sees of the target's namespace. */
  readonly namespace: 'present' | 'going' | 'gone'
}

export interface DeliveryObserved {
  readonly connection: ConnectionSight
  /** By digest. Undefined: the blob is gone. Missing: not loaded yet. */
  readonly sets: ReadonlyMap<string, DeliverySet | undefined>
  readonly live: Known<LiveSight>
  readonly inventory: Known<Inventory | undefined>
  /** Newest record per release name in the target's namespace. */
  readonly releases: Known<ReadonlyMap<string, ReleaseSight>>
  /** Of `status.attempt.hook`, where there is one. */
  readonly hook: Known<HookSight>
  readonly results: ReadonlyMap<string, EffectResult>
  /** For hashes over what may hold Secrets. */
  readonly hashKey: HashKey
  /** Existing objects may be taken over (`flotilla adopt`). */
  readonly adopt: boolean
  /** The member does not let the delivery group in; looked at only while the Delivery is being removed. */
  readonly barred?: Barred | undefined
  /** Since when the live objects could not be seen although the cluster is connected. */
  readonly blindSince?: string | undefined
  /** Why an effect of the last decision came to nothing and is tried again. */
  readonly trouble?: string | undefined
}

/** One hook to be run now, as it is sent. */
export interface HookRun {
  readonly hook: HookInHand
  readonly object: KubeObject
  readonly deletePolicies: readonly string[]
}

export type DeliveryEffect = Effect &
  (
    | { readonly kind: 'addFinalizer' | 'removeFinalizer' | 'removeInventory' }
    | { readonly kind: 'loadSets'; readonly digests: readonly string[] }
    | {
        readonly kind: 'dryRun'
        readonly objects: readonly PreparedObject[]
        readonly arriving: Arriving
        readonly inventory: Inventory | undefined
      }
    | { readonly kind: 'startHook'; readonly run: HookRun }
    | {
        readonly kind: 'finishHook'
        readonly hook: HookInHand
        readonly remove: boolean
        /** The delivery group has no rights any more, and our finalizer would hold up the namespace. */
        readonly asPlatform?: true
      }
    | { readonly kind: 'removeHooks'; readonly refs: readonly ObjectRef[]; readonly deliveryUid: string }
    | { readonly kind: 'writeInventory'; readonly inventory: Inventory }
    | {
        readonly kind: 'apply'
        readonly waves: readonly (readonly PreparedObject[])[]
        readonly inventory: Inventory
        /** Fields that helm or kubectl own become ours, so that what is left out later goes away. */
        readonly takeOver: boolean
      }
    | { readonly kind: 'prune'; readonly objects: readonly DoomedObject[] }
    | { readonly kind: 'release'; readonly refs: readonly ObjectRef[] }
    | { readonly kind: 'writeHelmRecord'; readonly record: HelmRecordWish }
    | { readonly kind: 'removeHelmRecords'; readonly releases: readonly string[] }
    | { readonly kind: 'checkDrift'; readonly checks: readonly DriftCheck[] }
    | { readonly kind: 'recordOrphan'; readonly policy: 'Delete' | 'Keep' }
    /** Something stays behind for good; kept where a person finds it. */
    | { readonly kind: 'recordLeft'; readonly message: string }
  )

export interface DoomedObject {
  readonly ref: ObjectRef
  /** Of the object that was seen. Undefined: the watch does not show it; it is looked for, and goes if it is still ours. */
  readonly uid: string | undefined
}

/** What comes with the same set, so that a dry-run cannot know it yet. */
export interface Arriving {
  /** `group/kind` of custom resources whose definition is in the set. */
  readonly kinds: readonly string[]
  readonly namespaces: readonly string[]
  /** Roles and ClusterRoles, as `Kind/namespace/name`. */
  readonly roles: readonly string[]
}

/** One object to be compared with a dry-run of what was sent; the verdict is kept under its own key. */
export interface DriftCheck {
  readonly object: PreparedObject
  readonly resultKey: string
}

export interface HelmRecordWish {
  readonly component: string
  readonly releaseName: string
  readonly revision: number
  readonly setDigest: string
  readonly install: boolean
}

export type DeliveryDecision = Decision<DeliveryStatus, DeliveryEffect>

export interface DeliveryInput {
  readonly object: Delivery
  readonly observed: DeliveryObserved
  /** RFC 3339, UTC. */
  readonly now: string
}
