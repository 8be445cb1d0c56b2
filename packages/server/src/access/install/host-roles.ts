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
const events: PolicyRule = { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: read }

/**
 * What people may do in the host. Nobody among them holds `control` on deliveries, nor any status subresource: those
 * are written by Flotilla only. `grant`, `edit` and `clusterscope` are verbs of Flotilla's own, asked for by the admission
 * policies: who may update an Application but not `edit` it operates it. `audit` is asked for by the server itself: who
 * has it in a place reads what was done there.
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
        of(read, 'deliveries'),
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
          'deliveries',
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
        of(read, 'deliveries'),
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
        of(read, 'deliveries', 'memberships', 'customroles'),
        core(write, 'secrets', 'configmaps'),
        events,
      ],
      ours,
    ),
    clusterRole(
      roles.project.operator,
      [
        of([...read, 'update', 'patch'], 'applications'),
        of(read, 'credentials', 'deliveries', 'memberships', 'customroles'),
        events,
      ],
      ours,
    ),
    clusterRole(
      roles.project.viewer,
      [of(read, 'applications', 'credentials', 'deliveries', 'memberships', 'customroles'), events],
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
