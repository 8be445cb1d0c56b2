import type {
  Application,
  ApplicationSpec,
  Delivery,
  ErrorCode,
  ErrorNext,
  Finding,
  Known,
  NamedCluster,
  Project,
  Release,
  ResolvedSource,
  Target,
} from '@flotilla/model'
import type { Decision, Effect } from '../decision.ts'

/** What `reconcileApplication` is told. Every part says when it is not known; nothing absent is taken for empty. */
export interface ApplicationObserved {
  readonly project: Known<Project | undefined>
  /** Clusters that the project's workspace may use. */
  readonly clusters: Known<readonly ObservedCluster[]>
  /** By name of component. */
  readonly sources: Readonly<Record<string, SourceObservation>>
  /** By `renderKey`. */
  readonly rendered: Readonly<Record<string, RenderObservation>>
  /** The application's own, whatever their target. */
  readonly deliveries: Known<readonly Delivery[]>
  /** The newest entry of its history. */
  readonly latest: Known<LatestRevision | undefined>
  readonly siblings: Known<Siblings>
  /** Its releases, in governed mode. */
  readonly releases: Known<readonly Release[]>
}

export interface ObservedCluster extends NamedCluster {
  readonly connection: 'connecting' | 'connected' | 'lost'
  /** Since when, RFC 3339. */
  readonly since: string
  /** The cluster is being removed from the fleet, and this is what becomes of what was delivered to it. */
  readonly removal?: 'Keep' | 'Delete' | undefined
}

/** What `dependsOn` needs to know of the project's other applications. */
export interface Siblings {
  /** Every application of the project, this one included. */
  readonly applications: Readonly<Record<string, Pick<ApplicationSpec, 'placement' | 'dependsOn'>>>
  /** Deliveries of the applications that this one depends on. */
  readonly deliveries: readonly Delivery[]
}

export interface Failure {
  readonly code: ErrorCode
  readonly next: ErrorNext
  /** For the operator; never holds a secret. */
  readonly message: string
  readonly field?: string
  readonly at: string
  /** Failures in a row, this one included. */
  readonly attempts: number
}

export type SourceObservation =
  | { readonly state: 'unseen' }
  | {
      readonly state: 'failed'
      readonly failure: Failure
      /** The sync request at the time of the last look. */
      readonly syncRequest?: string | undefined
    }
  | {
      readonly state: 'resolved'
      readonly source: ResolvedSource
      /** A branch, tag or range: it is looked at again and again. */
      readonly moving: boolean
      readonly checkedAt: string
      /** The sync request at the time of the last look. */
      readonly syncRequest?: string | undefined
      /** The last look failed; what was resolved before still holds. */
      readonly failure?: Failure | undefined
    }

export type RenderObservation =
  /** An input is not known yet, for instance what an unseen cluster can do. */
  | { readonly state: 'waiting'; readonly reason: string }
  /** All inputs are known. The key covers them. */
  | { readonly state: 'needed'; readonly key: string }
  | { readonly state: 'failed'; readonly key: string; readonly failure: Failure }
  | { readonly state: 'rendered'; readonly key: string; readonly rendered: RenderedComponent }

export interface RenderedComponent {
  /** Keyed digest of the stored set. */
  readonly digest: string
  readonly version?: string | undefined
  readonly appVersion?: string | undefined
  readonly images: readonly string[]
  /** What it was rendered from, kept with the Delivery so that the same inputs never give another set. */
  readonly inputs: RenderInputs
  readonly matchedPatches: readonly string[]
  readonly findings: readonly Finding[]
}

/** Inputs of a render by digest, and what Helm was told of the release. */
export interface RenderInputs {
  /** Keyed digest over source, values, images, patches, release name and namespace. */
  readonly inputs: string
  /** Digest of what the cluster could do then. */
  readonly capabilities: string
  readonly upgrade: boolean
  readonly revision: number
}

export interface LatestRevision {
  readonly revision: number
  readonly spec: ApplicationSpec
  readonly sources: readonly ResolvedSource[]
  /** Target key -> digest of everything wanted there. */
  readonly targets: Readonly<Record<string, string>>
}

export interface NewRevision extends LatestRevision {
  readonly reason: string
  /** Who caused it: the writer of the spec, or Flotilla itself because a source or a target changed. */
  readonly cause: 'spec' | 'world'
}

export type ApplicationEffect =
  | (Effect & { readonly kind: 'ResolveSource'; readonly component: string })
  | (Effect & { readonly kind: 'Render'; readonly component: string; readonly target: Target })
  | (Effect & { readonly kind: 'AppendRevision'; readonly revision: NewRevision })
  | (Effect & { readonly kind: 'AddFinalizer' })
  | (Effect & { readonly kind: 'RemoveFinalizer' })

export type ApplicationStatus = NonNullable<Application['status']>
export type ApplicationDecision = Decision<ApplicationStatus, ApplicationEffect>

export const renderKey = (target: Pick<Target, 'cluster' | 'namespace'>, component: string): string =>
  `${target.cluster}/${target.namespace}/${component}`
