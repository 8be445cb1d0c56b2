import { isHostNamespace, type Known, type ObjectRef, refKey } from '@flotilla/model'

/** An object of the platform's own in a cluster (label `flotilla.dev/managed`), as a watch sees it. */
export interface OwnedSight {
  readonly ref: ObjectRef
  readonly uid: string
  readonly resourceVersion: string
  /** uid of what made it, from `flotilla.dev/owner`. */
  readonly owner: string
  readonly deleting: boolean
  /** Of a ResourceQuota only. */
  readonly quota?: QuotaSight
}

export interface QuotaSight {
  readonly hard: Readonly<Record<string, string>>
  readonly used: Readonly<Record<string, string>>
}

export interface NamespaceSight {
  readonly name: string
  readonly uid: string
  readonly owner: string | undefined
  /** Name of the project of `flotilla.dev/project`, to say whose it is. */
  readonly project: string | undefined
  /** Project that its administrator lets take it over. */
  readonly adopt: string | undefined
  /** Taken over, not made: never deleted. */
  readonly adopted: boolean
  readonly deleting: boolean
  /** Made to measure the cluster with, and for a moment only. */
  readonly probe?: boolean
}

/** What of ours, and which namespaces, a cluster has. */
export interface ClusterSight {
  readonly namespaces: ReadonlyMap<string, NamespaceSight>
  readonly owned: readonly OwnedSight[]
}

/** Names of what people of a workspace or project may see of the platform: the only cluster-scoped objects that owners have in the host. */
export const workspaceRoleName = (workspaceUid: string): string => `flotilla:workspace:${workspaceUid}`
/** Not `flotilla:project:`, under which a project with scope Cluster is bound in the members. */
export const projectRoleName = (projectUid: string): string => `flotilla:project-people:${projectUid}`
/** Of a custom role of the platform; in the members its name is `memberRoleName`. */
export const hostRoleName = (roleUid: string): string => `flotilla:platform-role:${roleUid}`
/** Of a custom role in a namespace, and in a whole member. */
export const memberRoleName = (roleUid: string): string => `flotilla:role:${roleUid}`
const hostRole = /^flotilla:(?:workspace|project-people|platform-role):/

/**
 * One of the two sides of a cluster: what Flotilla keeps in its host, or what it keeps in a member. A host that is a
 * member, too, has both, and who looks after one of them must not see the other's as its own.
 */
export function sightOf(side: 'host' | 'member', { namespaces, owned }: ClusterSight): ClusterSight {
  const isHosts = ({ namespace, name }: ObjectRef): boolean =>
    namespace === '' ? hostRole.test(name) : isHostNamespace(namespace)
  const wanted = side === 'host'
  return {
    namespaces: new Map([...namespaces].filter(([name]) => isHostNamespace(name) === wanted)),
    owned: owned.filter(({ ref }) => isHosts(ref) === wanted),
  }
}

/**
 * What of an owner's is there but no longer wanted. Nothing while either side is unknown: an unreachable cluster is not
 * an empty one, and who does not know what is wanted does not want nothing.
 */
export function computeAbsentees(
  wanted: Known<readonly ObjectRef[]>,
  sight: Known<ClusterSight>,
  owner: string,
): readonly OwnedSight[] {
  if (!wanted.known || !sight.known || owner === '') return []
  const keys = new Set(wanted.value.map(refKey))
  return sight.value.owned.filter((seen) => seen.owner === owner && !seen.deleting && !keys.has(refKey(seen.ref)))
}
