import { type Controller, type Log, runController, type RunningController } from '@flotilla/engine'
import { isIsolated, projectNamespace, workspaceNamespace, canonicalJson } from '@flotilla/model'
import { createClusterController } from './cluster-controller.ts'
import type { FleetDeps } from './controller-deps.ts'
import { createCredentialController } from './credential-controller.ts'
import { createCustomRoleController } from './custom-role-controller.ts'
import { createMembershipController } from './membership-controller.ts'
import { createNetworkChecks } from './network/network-checks.ts'
import { createProjectController } from './project-controller.ts'
import type { SecretIndex } from './secret-index.ts'
import { createWorkspaceController } from './workspace-controller.ts'

export interface RunFleetOptions {
  readonly deps: FleetDeps
  readonly secrets: SecretIndex
  readonly signal: AbortSignal
  readonly log: Log
  /** When this server is the one that acts; at once where it is not given. */
  readonly begin?: Promise<unknown> | undefined
  /** What pods run that measure a cluster's network, where it is not the agent's image. */
  readonly networkProbeImage?: string | undefined
  readonly agentImage?: string | undefined
}

export interface RunningFleet {
  readonly controllers: readonly RunningController[]
  /** To be called when the platform's own objects in the host changed. */
  readonly hostChanged: () => void
}

/** Starts the controllers of the fleet and says which keys to look at when something changes. */
export function runFleet(options: RunFleetOptions): RunningFleet {
  const { deps, secrets, signal, log, begin } = options
  const { state, fleet, members } = deps
  const start = (controller: Controller): RunningController => runController(controller, { signal, log, begin })
  const checks = createNetworkChecks({
    client: fleet.client,
    image: options.networkProbeImage,
    agentImage: options.agentImage,
    clock: deps.clock,
    log,
    signal,
    onEnd: (name) => clusters.enqueue(`/${name}`),
  })
  const clusters = start(createClusterController(deps, checks))
  const workspaces = start(createWorkspaceController(deps))
  const projects = start(createProjectController(deps))
  const memberships = start(createMembershipController(deps))
  const credentials = start(createCredentialController(deps))
  const roles = start(createCustomRoleController(deps))

  const lastSeen = new Map<string, string>()
  /** Whether what is looked at differs from what was there at the last call for the key. */
  function changed(key: string, value: unknown): boolean {
    const now = canonicalJson(value)
    if (lastSeen.get(key) === now) return false
    if (value === undefined) lastSeen.delete(key)
    else lastSeen.set(key, now)
    return true
  }
  const keyOf = ({ metadata }: { metadata: { namespace?: string | undefined; name: string } }): string =>
    `${metadata.namespace ?? ''}/${metadata.name}`
  const all = (kind: { list(): readonly Parameters<typeof keyOf>[0][] }, of: RunningController): void => {
    for (const object of kind.list()) of.enqueue(keyOf(object))
  }
  const allProjects = (): void => all(state.projects, projects)
  const allCredentials = (): void => all(state.credentials, credentials)
  const allRoles = (): void => all(state.customRoles, roles)

  state.clusters.onChange((key, cluster) => {
    clusters.enqueue(key)
    // its status says nothing new to the projects
    if (
      changed(
        `cluster${key}`,
        cluster === undefined ? undefined : [cluster.metadata.labels, cluster.metadata.deletionTimestamp],
      )
    ) {
      allProjects()
      allRoles()
      // their people see the clusters that the workspace chooses
      all(state.workspaces, workspaces)
    }
    // what is said of their isolation
    if (changed(`network${key}`, cluster?.status?.networkPolicy))
      for (const project of state.projects.list())
        if (isIsolated(project.spec.network)) projects.enqueue(keyOf(project))
  })
  state.workspaces.onChange((key, workspace) => {
    workspaces.enqueue(key)
    if (changed(`workspace${key}`, workspace?.spec)) allProjects()
    if (changed(`stays${key}`, workspace?.metadata.deletionTimestamp ?? workspace?.metadata.uid)) allRoles()
    // what it gives its projects
    if (changed(`quota${key}`, workspace?.status?.quota))
      for (const project of state.projects.list(workspaceNamespace(key.slice(1)))) projects.enqueue(keyOf(project))
  })
  state.projects.onChange((key, project) => {
    const name = key.slice(key.indexOf('/') + 1)
    projects.enqueue(key)
    // whether they act on its policies is to be known there
    const isolated = isIsolated(project?.spec.network)
      ? (project?.status?.targets ?? []).flatMap(({ cluster, state: is }) => (is === 'Ready' ? [cluster] : []))
      : []
    if (changed(`isolated${key}`, isolated)) for (const cluster of isolated) clusters.enqueue(`/${cluster}`)
    const { metadata, spec, status } = project ?? {}
    const lies = [metadata?.uid, metadata?.deletionTimestamp, spec?.scope, status?.namespace, status?.targets]
    // custom roles hold in its namespaces
    if (changed(`project${key}`, project === undefined ? undefined : lies)) allRoles()
    for (const rival of state.projects.list()) if (rival.metadata.name === name) projects.enqueue(keyOf(rival))
    for (const workspace of state.workspaces.list()) {
      if (key.startsWith(`${workspaceNamespace(workspace.metadata.name)}/`)) workspaces.enqueue(keyOf(workspace))
    }
    for (const credential of state.credentials.list(projectNamespace(name))) credentials.enqueue(keyOf(credential))
    // one that is gone leaves orphans in the members
    for (const cluster of state.clusters.list())
      if (state.projects.get(key.slice(0, key.indexOf('/')), name) === undefined) clusters.enqueue(keyOf(cluster))
  })
  state.users.onChange((key) => {
    for (const membership of state.memberships.list())
      if (`/${membership.spec.user}` === key) memberships.enqueue(keyOf(membership))
  })
  state.identityProviders.onChange((key, provider) => {
    if (!changed(`provider${key}`, provider?.metadata.uid)) return
    for (const membership of state.memberships.list())
      if (`/${membership.spec.group?.provider}` === key) memberships.enqueue(keyOf(membership))
  })
  state.memberships.onChange((key) => {
    memberships.enqueue(key)
    // who has them
    for (const role of state.customRoles.list(key.slice(0, key.indexOf('/')))) roles.enqueue(keyOf(role))
  })
  state.customRoles.onChange((key, role) => {
    roles.enqueue(key)
    if (!changed(`role${key}`, role?.metadata.uid)) return
    const [namespace = '', name] = key.split('/')
    for (const membership of state.memberships.list(namespace))
      if (membership.spec.role === name) memberships.enqueue(keyOf(membership))
    // one that is gone leaves orphans where it could not be taken away
    if (role === undefined) all(state.clusters, clusters)
  })
  state.credentials.onChange((key) => credentials.enqueue(key))
  secrets.onChange((key) => {
    const [namespace = '', name = ''] = key.split('/')
    for (const credential of state.credentials.list(namespace))
      if (credential.spec.secretName === name) credentials.enqueue(keyOf(credential))
  })
  const projectOfNamespace = (namespace: string): void => {
    for (const project of state.projects.list())
      if (projectNamespace(project.metadata.name) === namespace) projects.enqueue(keyOf(project))
  }
  state.applications.onChange((key, application) => {
    // a project that is being removed waits for its applications
    if (application === undefined) projectOfNamespace(key.slice(0, key.indexOf('/')))
  })
  state.deliveries.onChange((key, delivery) => {
    if (delivery !== undefined) return
    projectOfNamespace(key.slice(0, key.indexOf('/')))
    for (const cluster of state.clusters.list())
      if (cluster.metadata.deletionTimestamp !== undefined) clusters.enqueue(keyOf(cluster))
  })
  fleet.onChange((name) => {
    clusters.enqueue(`/${name}`)
    allProjects()
    allCredentials()
    allRoles()
  })
  members.onSight((name) => {
    clusters.enqueue(`/${name}`)
    allProjects()
    allCredentials()
    allRoles()
  })
  members.onFacts((name) => clusters.enqueue(`/${name}`))

  return {
    controllers: [
      { ...clusters, stop: async () => void (await Promise.all([clusters.stop(), checks.close()])) },
      workspaces,
      projects,
      memberships,
      credentials,
      roles,
    ],
    hostChanged: () => {
      all(state.workspaces, workspaces)
      allProjects()
      allRoles()
    },
  }
}
