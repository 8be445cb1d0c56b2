/** Names of the ClusterRoles that Flotilla's bindings point at, in the host and in the members. */
export const roles = {
  /** Members: what a project's delivery group may do in a namespace of the project. */
  delivery: 'flotilla:delivery',
  /** Members: what the delivery group of a project with scope Cluster may do, everywhere. */
  clusterDelivery: 'flotilla:delivery-cluster',
  /** Members: what a platform viewer may see, everywhere. */
  memberPlatformViewer: 'flotilla:member-platform-viewer',
  /** Members: what an operator of a project may do in its namespaces, beyond seeing. */
  memberOperator: 'flotilla:member-operator',
  platformAdmin: 'flotilla:platform-admin',
  /** Host: what the server adds to a person while it reverts for them. */
  reverting: 'flotilla:reverting',
  platformViewer: 'flotilla:platform-viewer',
  workspace: {
    admin: 'flotilla:workspace-admin',
    developer: 'flotilla:workspace-viewer',
    viewer: 'flotilla:workspace-viewer',
  },
  project: {
    admin: 'flotilla:project-admin',
    developer: 'flotilla:project-developer',
    operator: 'flotilla:project-operator',
    viewer: 'flotilla:project-viewer',
  },
  /** Members: Kubernetes' own roles for people, inside the namespaces of their projects. */
  people: { admin: 'admin', developer: 'edit', viewer: 'view' },
} as const
