import { group, type KubeObject, kinds, labels, platformGroup, revertGroup } from '@flotilla/model'
import { clusterRole, clusterRoleBinding, type PolicyRule, roles } from '@flotilla/reconcile'

const read = ['get', 'list', 'watch']
const write = [...read, 'create', 'update', 'patch', 'delete']
const ours = { [labels.managed]: 'platform-roles' }

const plurals = (...names: string[]): string[] => {
  const known = new Set(kinds.map(({ plural }) => plural))
  const unknown = names.find((name) => !known.has(name))
  if (unknown !== undefined) throw new Error(`no kind has the plural ${unknown}`)
  return names
}
const of = (verbs: readonly string[], ...resources: string[]): PolicyRule => ({
  apiGroups: [group],
  resources: plurals(...resources),
  verbs,
})
const core = (verbs: readonly string[], ...resources: string[]): PolicyRule => ({ apiGroups: [''], resources, verbs })
/** Kinds by which an application goes out. Nobody writes ComponentVersions but Flotilla. */
const delivering = ['deliveries', 'componentversions', 'releases', 'plans', 'rollouts', 'approvals', 'moves'] as const
/** To release is to make releases, start and steer their rollouts, and say yes or no; which yes counts a Plan says. */
const releasing = [
  of(['create', 'update', 'patch'], 'releases', 'rollouts'),
  of(['create', 'delete'], 'approvals'),
  of(['approve'], 'releases'),
  // of a move nothing changes but what people ask of it
  of(['update', 'patch'], 'moves'),
]
/** Plans are rules for those who release: who may write them may also clear away what is over. */
const governing = [of(write, 'plans', 'releases', 'rollouts', 'approvals', 'moves'), of(['approve'], 'releases')]
const events: PolicyRule = { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: read }

/**
 * What people may do in the host. Nobody among them holds `control` on deliveries, nor any status subresource: those
 * are written by Flotilla only. `grant`, `edit`, `approve` and `clusterscope` are verbs of Flotilla's own, asked for by the
 * admission policies: who may update an Application but not `edit` it operates it, who may `approve` releases makes
 * Approvals. `audit` is asked for by the server itself: who has it in a place reads what was done there.
 */
export function hostRoles(): KubeObject[] {
  return [
    clusterRole(
      roles.platformAdmin,
      [
        of(write, 'clusters', 'workspaces', 'projects', 'users', 'memberships', 'credentials', 'applications'),
        of(write, 'identityproviders', 'customroles'),
        of(['grant', 'audit'], 'memberships'),
        of(['edit'], 'applications'),
        of(['clusterscope'], 'projects'),
        ...governing,
        of(read, ...delivering),
        core(read, 'namespaces', 'nodes'),
        events,
      ],
      ours,
    ),
    clusterRole(
      roles.platformViewer,
      [
        of(
          read,
          'clusters',
          'workspaces',
          'projects',
          'users',
          'identityproviders',
          'memberships',
          'customroles',
          'credentials',
          'applications',
          ...delivering,
        ),
        of(['audit'], 'memberships'),
        core(read, 'namespaces', 'nodes'),
        events,
      ],
      ours,
    ),
    clusterRole(
      roles.workspace.admin,
      [of(write, 'projects', 'memberships', 'customroles'), of(['grant', 'audit'], 'memberships'), events],
      ours,
    ),
    clusterRole(roles.workspace.viewer, [of(read, 'projects', 'memberships', 'customroles'), events], ours),
    clusterRole(
      roles.project.admin,
      [
        of(write, 'applications', 'credentials', 'memberships', 'customroles'),
        of(['edit'], 'applications'),
        of(['grant', 'audit'], 'memberships'),
        ...governing,
        of(read, ...delivering),
        // what valuesFrom and Credentials name
        core(write, 'secrets', 'configmaps'),
        events,
      ],
      ours,
    ),
    clusterRole(
      roles.project.developer,
      [
        of(write, 'applications', 'credentials'),
        of(['edit'], 'applications'),
        ...releasing,
        of(write, 'moves'),
        of(read, ...delivering, 'memberships', 'customroles'),
        core(write, 'secrets', 'configmaps'),
        events,
      ],
      ours,
    ),
    clusterRole(
      roles.project.operator,
      [
        of([...read, 'update', 'patch'], 'applications'),
        ...releasing,
        of(read, 'credentials', ...delivering, 'memberships', 'customroles'),
        events,
      ],
      ours,
    ),
    clusterRole(
      roles.project.viewer,
      [of(read, 'applications', 'credentials', ...delivering, 'memberships', 'customroles'), events],
      ours,
    ),
    // a verb alone: it writes nothing for whoever may not update the application
    clusterRole(roles.reverting, [of(['edit'], 'applications')], ours),
    clusterRoleBinding({ name: roles.reverting, role: roles.reverting, groups: [revertGroup], labels: ours }),
    clusterRoleBinding({
      name: 'flotilla:host-platform-admin',
      role: roles.platformAdmin,
      groups: [platformGroup('admin')],
      labels: ours,
    }),
    clusterRoleBinding({
      name: 'flotilla:host-platform-viewer',
      role: roles.platformViewer,
      groups: [platformGroup('viewer')],
      labels: ours,
    }),
  ]
}
