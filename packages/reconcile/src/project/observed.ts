import type { ClusterNetworkPolicy, Known, KubeObject, Project, Workspace } from '@flotilla/model'
import type { Decision, Effect } from '../decision.ts'
import type { ClusterSight, OwnedSight } from '../ownership/sights.ts'

export interface ProjectCluster {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** It leaves the fleet. */
  readonly removing: boolean
  readonly connection: { readonly state: 'connected' | 'connecting' | 'lost'; readonly reason?: string }
  /** Whether it enforces network policies, as it was measured. */
  readonly networkPolicy?: ClusterNetworkPolicy | undefined
}

/** What `reconcileProject` is told. */
export interface ProjectObserved {
  /** The workspace whose namespace it is in; `value` undefined when there is none. */
  readonly workspace: Known<Workspace | undefined>
  /** Projects of the same name in other workspaces. */
  readonly rivals: readonly Pick<Project, 'metadata'>[]
  /** Every cluster of the fleet that the workspace may use; unknown while one cannot be read. */
  readonly clusters: Known<readonly ProjectCluster[]>
  readonly host: Known<ClusterSight>
  /** By name of cluster; what is not here is not known. */
  readonly members: ReadonlyMap<string, Known<ClusterSight>>
  /** Target keys where the last ResourceQuota that was written is not what is seen, or not seen yet. */
  readonly unsettled: ReadonlySet<string>
  readonly grant: ProjectGrant
  /** Names of its applications. */
  readonly applications: Known<readonly string[]>
  /** Target keys of its Deliveries: their bindings stay until the Deliveries are gone. */
  readonly delivered: Known<ReadonlySet<string>>
  /** What others have in a namespace of the project that is to go, by `inspectKey`. */
  readonly foreign: ReadonlyMap<string, readonly string[]>
}

/** What a project has of the quota of its workspace. */
export interface ProjectGrant {
  /** Resources of which the workspace has a bound. */
  readonly limited: ReadonlySet<string>
  /** In nanounits: what it has of them. */
  readonly granted: ReadonlyMap<string, bigint>
  /** The decision of the workspace; undefined while it has no quota. */
  readonly revision?: number
  /** Why it has not what it asks for. */
  readonly refused: readonly string[]
}

/** Of a workspace without a quota. */
export const ungranted: ProjectGrant = { limited: new Set(), granted: new Map(), refused: [] }

/** The uid is in it: a namespace that was made anew is looked at anew. */
export const inspectKey = (cluster: string, namespace: string, uid: string): string =>
  `inspect/${cluster}/${namespace}/${uid}`

export type ProjectStatus = NonNullable<Project['status']>
export type ProjectEffect =
  | (Effect & { readonly kind: 'addFinalizer' | 'removeFinalizer' })
  | (Effect & { readonly kind: 'createNamespace'; readonly cluster: string; readonly object: KubeObject })
  /** Asks what others have in a namespace; the answer comes back in `foreign` under the effect's key. */
  | (Effect & { readonly kind: 'inspectNamespace'; readonly cluster: string; readonly namespace: string })
  | (Effect & {
      readonly kind: 'deleteNamespace'
      readonly cluster: string
      readonly namespace: string
      readonly uid: string
    })
  /** Takes our labels off, so that it is nobody's. */
  | (Effect & {
      readonly kind: 'releaseNamespace'
      readonly cluster: string
      readonly namespace: string
      readonly uid: string
    })
  | (Effect & { readonly kind: 'prune'; readonly cluster: string; readonly object: OwnedSight })
  /** Something stays behind in a cluster; kept where a person finds it. */
  | (Effect & { readonly kind: 'recordLeft'; readonly cluster: string; readonly message: string })
export type ProjectDecision = Decision<ProjectStatus, ProjectEffect>
