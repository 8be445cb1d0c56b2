import {
  annotations,
  deliveryIdentity,
  type KubeObject,
  labels,
  platformGroup,
  type Project,
  type Target,
  workspaceGroup,
} from '@flotilla/model'
import { clusterRoleBinding, roleBinding } from '../ownership/bindings.ts'
import { roles, workspaceRoles } from '../ownership/roles.ts'

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

/** Who of the workspace may do what with the project's declarations. Those of a project with scope Cluster are the platform's. */
export function hostBindings(owner: Owner, namespace: string): KubeObject[] {
  const ours = projectLabels(owner)
  const clusterScope = owner.project.spec.scope === 'Cluster'
  return workspaceRoles.map((role) =>
    roleBinding({
      namespace,
      name: `flotilla:${role}`,
      role: roles.project[role],
      groups: [
        // whoever may deliver cluster-scoped objects could give themselves any right in a member
        ...(clusterScope && role !== 'viewer' ? [] : [workspaceGroup(owner.workspaceUid, role)]),
        ...(clusterScope && role === 'viewer'
          ? [workspaceGroup(owner.workspaceUid, 'developer'), workspaceGroup(owner.workspaceUid, 'admin')]
          : []),
        ...(role === 'admin' ? [platformGroup('admin')] : []),
      ],
      labels: ours,
    }),
  )
}

/** Who may act in a target: the delivery group, and the workspace's people with Kubernetes' own roles. */
export function targetBindings(owner: Owner, target: Pick<Target, 'namespace'>): KubeObject[] {
  const ours = projectLabels(owner)
  const { namespace } = target
  const people = workspaceRoles.map((role) =>
    roleBinding({
      namespace,
      name: `flotilla:${role}`,
      role: roles.people[role],
      groups: [workspaceGroup(owner.workspaceUid, role)],
      labels: ours,
    }),
  )
  return [deliveryBinding(owner, target), ...people]
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
