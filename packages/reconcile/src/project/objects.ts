import {
  annotations,
  type BuiltInRole,
  builtInRoles,
  deliveryIdentity,
  type KubeObject,
  labels,
  memberRole,
  platformGroup,
  type Project,
  projectGroup,
  type Target,
  workspaceGroup,
} from '@flotilla/model'
import { clusterRole, clusterRoleBinding, roleBinding } from '../ownership/bindings.ts'
import { roles } from '../ownership/roles.ts'
import { seesClusters } from '../ownership/cluster-sight.ts'
import { projectRoleName } from '../ownership/sights.ts'

interface Leaver {
  readonly project: Project
  readonly workspaceName: string
}
interface Owner extends Leaver {
  readonly workspaceUid: string
}

export function projectLabels({ project, workspaceName }: Leaver): Record<string, string> {
  return {
    [labels.managed]: 'project',
    [labels.project]: project.metadata.name,
    [labels.workspace]: workspaceName,
    [labels.owner]: project.metadata.uid ?? '',
  }
}

/** What the platform sets on a namespace that it made, and leaves alone on one that was there before. */
function podSecurityLabels(level: Project['spec']['podSecurity']): Record<string, string> {
  // the warning comes with a dry-run of a Deployment; `enforce` alone would only refuse its pods, later
  return { [labels.podSecurityEnforce]: level, [labels.podSecurityWarn]: level }
}

/** A namespace of the project. `adopted` marks one that was there before; `runs` one that has pods. */
export function namespaceObject(
  owner: Owner,
  name: string,
  more: { environment?: string | undefined; adopted?: boolean; runs?: boolean } = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: {
        ...projectLabels(owner),
        ...(more.environment === undefined ? {} : { [labels.environment]: more.environment }),
        ...(more.runs === true && more.adopted !== true ? podSecurityLabels(owner.project.spec.podSecurity) : {}),
      },
      ...(more.adopted === true ? { annotations: { [annotations.adopted]: 'true' } } : {}),
    },
  }
}

/**
 * Who of the workspace and of the project may do what with the project's declarations. Those of a project with scope
 * Cluster are the platform's: whoever may deliver cluster-scoped objects could give themselves any right in a member.
 */
export function hostBindings(owner: Owner, namespace: string, clusters: readonly string[]): KubeObject[] {
  const ours = projectLabels(owner)
  const everybody = builtInRoles.project.flatMap((role) => peopleOf(owner, role))
  const clusterScope = owner.project.spec.scope === 'Cluster'
  const inside = builtInRoles.project.map((role) => {
    const people = clusterScope ? (role === 'viewer' ? everybody : []) : peopleOf(owner, role)
    const groups = [...people, ...(role === 'admin' ? [platformGroup('admin')] : [])]
    return roleBinding({ namespace, name: `flotilla:${role}`, role: roles.project[role], groups, labels: ours })
  })
  return [...inside, ...ownSight(owner, clusters)]
}

/** The people of a role: the project's own, and those of its workspace. */
function peopleOf({ project, workspaceUid }: Owner, role: BuiltInRole<'project'>): string[] {
  const own = projectGroup(project.metadata.uid ?? '', role)
  return role === 'operator' ? [own] : [workspaceGroup(workspaceUid, role), own]
}

/** What the project's own people see beyond it: the Project that it is, in its workspace, and its clusters. */
function ownSight(owner: Owner, clusters: readonly string[]): KubeObject[] {
  const ours = projectLabels(owner)
  const { name, uid = '', namespace = '' } = owner.project.metadata
  const groups = [...builtInRoles.project, memberRole].map((role) => projectGroup(uid, role))
  const role = projectRoleName(uid)
  const rules = [{ apiGroups: ['flotilla.dev'], resources: ['projects'], resourceNames: [name], verbs: ['get'] }]
  return [
    clusterRole(role, rules, ours),
    roleBinding({ namespace, name: `flotilla:project:${uid}`, role, groups, labels: ours }),
    ...(clusters.length === 0
      ? []
      : [
          clusterRole(`${role}:clusters`, seesClusters(clusters), ours),
          clusterRoleBinding({ name: `${role}:clusters`, role: `${role}:clusters`, groups, labels: ours }),
        ]),
  ]
}

/** Of the one ResourceQuota and the one LimitRange that a project has in a namespace. */
export const quotaName = 'flotilla'

/** What may be used in a target: its share of the project, and what a container gets. */
export function targetLimits(
  owner: Owner,
  { namespace }: Pick<Target, 'namespace'>,
  share: Readonly<Record<string, string>> | undefined,
): KubeObject[] {
  const metadata = { name: quotaName, namespace, labels: projectLabels(owner) }
  const { limits = {} } = owner.project.spec
  const objects: KubeObject[] = []
  if (share !== undefined)
    objects.push({ apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard: { ...share } } })
  if (Object.values(limits).some((amounts) => Object.keys(amounts ?? {}).length > 0))
    objects.push({
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata,
      spec: { limits: [{ type: 'Container', ...limits }] },
    })
  return objects
}

/**
 * Who may act in a target: the delivery group, and people with Kubernetes' own roles. An operator sees, and has a role
 * of Flotilla's for the rest.
 */
export function targetBindings(owner: Owner, target: Pick<Target, 'namespace'>): KubeObject[] {
  const ours = projectLabels(owner)
  const { namespace } = target
  const bind = (name: string, role: string, groups: string[]): KubeObject =>
    roleBinding({ namespace, name: `flotilla:${name}`, role, groups, labels: ours })
  const operators = peopleOf(owner, 'operator')
  return [
    deliveryBinding(owner, target),
    ...builtInRoles.workspace.map((role) =>
      bind(role, roles.people[role], [...peopleOf(owner, role), ...(role === 'viewer' ? operators : [])]),
    ),
    bind('operator', roles.memberOperator, operators),
  ]
}

/** What a Delivery leaves by, too. */
export function deliveryBinding(owner: Leaver, { namespace }: Pick<Target, 'namespace'>): KubeObject {
  const { groups } = deliveryIdentity(owner.project.metadata.uid ?? '')
  const ours = projectLabels(owner)
  return roleBinding({ namespace, name: 'flotilla:delivery', role: roles.delivery, groups, labels: ours })
}

/** Once per cluster, for a project with scope Cluster. */
export function clusterBinding(owner: Leaver): KubeObject {
  const uid = owner.project.metadata.uid ?? ''
  return clusterRoleBinding({
    name: `flotilla:project:${uid}`,
    role: roles.clusterDelivery,
    groups: deliveryIdentity(uid).groups,
    labels: projectLabels(owner),
  })
}
