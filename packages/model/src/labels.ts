/** The API group of every kind, and the prefix of every label and annotation that Flotilla writes. */
export const group = 'flotilla.dev'
export const version = 'v1alpha1'
export const apiVersion = `${group}/${version}`

/** The name under which Flotilla owns fields in server-side apply. */
export const fieldManager = 'flotilla'
/** Field managers of what people do through Flotilla begin so: admission lets them write an Application only with the person beside it. */
export const personManagers = 'flotilla-'
export const personManager = 'flotilla-person'

/** Where the platform keeps its own objects in the host cluster. */
export const systemNamespace = 'flotilla-system'

/** Where a member is measured for a moment; see `reconcile/network`. Names with this prefix are nobody's target. */
export const networkProbeNamespace = 'flotilla-network-probe'

export const labels = {
  /** On every delivered object: the uid of the Delivery that put it there. Prune touches nothing without it. */
  delivery: `${group}/delivery`,
  application: `${group}/application`,
  component: `${group}/component`,
  project: `${group}/project`,
  workspace: `${group}/workspace`,
  /** Environment of a target, as a label that selectors can name. */
  environment: `${group}/environment`,
  /** Name of a target's cluster, as a label that selectors can name. */
  cluster: `${group}/cluster`,
  /** On objects of the platform itself (namespaces, bindings, secrets) in host and members. */
  managed: `${group}/managed`,
  /** On such objects: the uid of the Workspace, Project or Credential that made them. Names are given again, uids never. */
  owner: `${group}/owner`,
  /** On what measures a cluster for a moment: never anybody's, and gone soon. */
  probe: `${group}/probe`,
  /** Kubernetes' own: the Pod Security level that the pods of a namespace are held to. */
  podSecurityEnforce: 'pod-security.kubernetes.io/enforce',
  /** The same for the warning that comes with what makes pods. */
  podSecurityWarn: 'pod-security.kubernetes.io/warn',
} as const

export const annotations = {
  /** Digest of the rendered set that last wrote the object. */
  digest: `${group}/digest`,
  displayName: `${group}/display-name`,
  /** Set on an Application to deliver again now; any new value asks once. */
  syncRequest: `${group}/sync-requested`,
  /** On an Application that was changed through Flotilla: who did it, as `flotilla:user:<uid>`; for the history. */
  changedBy: `${group}/changed-by`,
  /** Set by a member's own administrator on a namespace that exists already: the project that may take it over. */
  adopt: `${group}/adopt`,
  /** On a namespace that was taken over, not made: it is never deleted by Flotilla. */
  adopted: `${group}/adopted`,
  /** On a workspace's namespace, for the host's admission: what of its quota is free, as `requests.cpu=4 of 40`, between commas. */
  quotaFree: `${group}/quota-free`,
  /** On a Cluster that is being removed: `keep` or `delete` what was delivered to it. Absent: keep. */
  objects: `${group}/objects`,
  /** On an Application: the newest revision with the placement of before a move; going back further keeps the placement of now. */
  moved: `${group}/moved-after`,
  /** `"true"` on a Deployment or StatefulSet whose pods act by themselves (on a queue, say): none runs in a target in standby. */
  consumer: `${group}/consumer`,
  /** Set on a Cluster to have measured now whether it enforces network policies; any new value asks once. */
  networkCheck: `${group}/network-check-requested`,
} as const

export const finalizer = `${group}/cleanup`

/** Host namespace of a workspace's Projects and Memberships. */
export const workspaceNamespace = (workspace: string): string => `ws-${workspace}`
/** Host namespace of a project's Applications, Deliveries and Credentials. */
export const projectNamespace = (project: string): string => `pj-${project}`

/** Namespaces of the host's own: what Flotilla keeps there is never a target's, where the host is a member, too. */
export const isHostNamespace = (name: string): boolean => name === systemNamespace || /^(?:ws|pj)-/.test(name)

/** The identity under which controllers act for a project in the host and in every member. */
export function deliveryIdentity(projectUid: string): { user: string; groups: string[] } {
  return { user: `flotilla:delivery:${projectUid}`, groups: [`flotilla:project:${projectUid}:delivery`] }
}

export const userIdentity = (userUid: string): string => `flotilla:user:${userUid}`
export const platformGroup = (role: string): string => `flotilla:platform:${role}`
export const workspaceGroup = (workspaceUid: string, role: string): string =>
  `flotilla:workspace:${workspaceUid}:${role}`
/** What stands for a custom role where a built-in one has its name: a name is given again, a uid never. */
export const customRole = (roleUid: string): string => `role:${roleUid}`
/** Of everybody who has any custom role in a place: what is seen of the platform from there, and no more. */
export const memberRole = 'member'
export const projectGroup = (projectUid: string, role: string): string => `flotilla:project:${projectUid}:${role}`
/** Beside a person, while the server puts back for them a revision that it kept: it may edit what an operator may not. */
export const revertGroup = 'flotilla:reverting'
