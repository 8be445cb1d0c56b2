import { group } from '../labels.ts'
import type { builtInRoles, RoleScope } from './built-in-roles.ts'
import type { PolicyRule } from './policy-rule.ts'

/** What a custom role may be made of, in words that people choose from. Over no more than the administrator of the scope has. */
export interface RoleGrant {
  readonly scopes: readonly RoleScope[]
  /** In the host namespace of a workspace. */
  readonly inWorkspace?: readonly PolicyRule[]
  /** In the host namespace of each project. */
  readonly inProject?: readonly PolicyRule[]
  /** In the namespaces of projects in the clusters; of a role of the platform everywhere in them. */
  readonly inTargets?: readonly PolicyRule[]
  /** Over the whole host, of a role of the platform only. */
  readonly inHost?: readonly PolicyRule[]
}

const read = ['get', 'list', 'watch'] as const
const write = ['create', 'update', 'patch', 'delete'] as const
const all: readonly RoleScope[] = ['platform', 'workspace', 'project']
const above: readonly RoleScope[] = ['platform', 'workspace']
/** Secrets of the whole platform hold the keys to its clusters: who is to have those is its administrator. */
const below: readonly RoleScope[] = ['workspace', 'project']
const top: readonly RoleScope[] = ['platform']

const rule = (apiGroup: string, verbs: readonly string[], ...resources: string[]): PolicyRule => ({
  apiGroups: [apiGroup],
  resources,
  verbs: [...verbs],
})
const ours = (verbs: readonly string[], ...resources: string[]): PolicyRule => rule(group, verbs, ...resources)
const core = (verbs: readonly string[], ...resources: string[]): PolicyRule => rule('', verbs, ...resources)
const events: PolicyRule = { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: [...read] }

/** What of an application's way out everybody reads who sees the application. */
const delivering = ['deliveries', 'componentversions', 'releases', 'plans', 'rollouts', 'approvals', 'moves']

/** Kinds of Kubernetes' own that run pods, and what stands around them. */
const workloads = (verbs: readonly string[]): PolicyRule[] => [
  rule('apps', verbs, 'deployments', 'statefulsets', 'daemonsets', 'replicasets'),
  rule('batch', verbs, 'jobs', 'cronjobs'),
  rule('autoscaling', verbs, 'horizontalpodautoscalers'),
  rule('networking.k8s.io', verbs, 'ingresses'),
  core(verbs, 'services', 'persistentvolumeclaims'),
]

export const roleGrants = {
  'applications.see': {
    scopes: all,
    inProject: [ours(read, 'applications', ...delivering), events],
  },
  'applications.change': {
    scopes: all,
    inProject: [ours([...read, 'create', 'update', 'patch', 'edit'], 'applications'), ours(read, 'deliveries')],
  },
  'applications.release': {
    scopes: all,
    inProject: [
      ours([...read, 'update', 'patch'], 'applications'),
      ours(['create', 'update', 'patch'], 'releases', 'rollouts'),
      ours(['update', 'patch'], 'moves'),
      ours(['create', 'delete'], 'approvals'),
      ours(['approve'], 'releases'),
      ours(read, ...delivering),
    ],
  },
  'applications.remove': {
    scopes: all,
    inProject: [ours([...read, 'delete'], 'applications')],
  },
  'pods.see': { scopes: all, inTargets: [core(read, 'pods')] },
  'pods.logs': { scopes: all, inTargets: [core(['get'], 'pods/log'), core(read, 'pods')] },
  'pods.shell': {
    scopes: all,
    inTargets: [core(['get', 'create'], 'pods/exec', 'pods/attach', 'pods/portforward'), core(read, 'pods')],
  },
  'pods.restart': { scopes: all, inTargets: [core([...read, 'delete'], 'pods')] },
  'workloads.see': { scopes: all, inTargets: [...workloads(read), core(read, 'events')] },
  'workloads.scale': {
    scopes: all,
    inTargets: [rule('apps', ['get', 'update', 'patch'], 'deployments/scale', 'statefulsets/scale')],
  },
  'workloads.change': { scopes: all, inTargets: workloads([...read, ...write]) },
  'config.see': { scopes: all, inProject: [core(read, 'configmaps')], inTargets: [core(read, 'configmaps')] },
  'config.change': {
    scopes: all,
    inProject: [core([...read, ...write], 'configmaps')],
    inTargets: [core([...read, ...write], 'configmaps')],
  },
  'secrets.see': { scopes: below, inProject: [core(read, 'secrets')], inTargets: [core(read, 'secrets')] },
  'secrets.change': {
    scopes: below,
    inProject: [core([...read, ...write], 'secrets')],
    inTargets: [core([...read, ...write], 'secrets')],
  },
  'credentials.see': { scopes: all, inProject: [ours(read, 'credentials')] },
  'credentials.change': { scopes: all, inProject: [ours([...read, ...write], 'credentials')] },
  'projects.see': { scopes: above, inWorkspace: [ours(read, 'projects')] },
  'projects.change': { scopes: above, inWorkspace: [ours([...read, 'create', 'update', 'patch'], 'projects')] },
  'projects.remove': { scopes: above, inWorkspace: [ours([...read, 'delete'], 'projects')] },
  'members.see': {
    scopes: all,
    inWorkspace: [ours(read, 'memberships', 'customroles')],
    inProject: [ours(read, 'memberships', 'customroles')],
  },
  'audit.see': {
    scopes: all,
    inWorkspace: [ours(['audit'], 'memberships')],
    inProject: [ours(['audit'], 'memberships')],
  },
  'clusters.see': { scopes: top, inHost: [ours(read, 'clusters')] },
  'clusters.change': { scopes: top, inHost: [ours([...read, ...write], 'clusters')] },
  'workspaces.see': { scopes: top, inHost: [ours(read, 'workspaces')] },
  'workspaces.change': { scopes: top, inHost: [ours([...read, ...write], 'workspaces')] },
  'people.see': { scopes: top, inHost: [ours(read, 'users', 'identityproviders')] },
  'nodes.see': {
    scopes: top,
    inHost: [core(read, 'nodes', 'namespaces')],
    inTargets: [core(read, 'nodes', 'namespaces', 'persistentvolumes'), rule('storage.k8s.io', read, 'storageclasses')],
  },
} as const satisfies Record<string, RoleGrant>

export type RoleGrantId = keyof typeof roleGrants
export const roleGrantIds = Object.keys(roleGrants) as readonly RoleGrantId[]

/** What may be chosen for a role there. */
export const grantsOfScope = (scope: RoleScope): readonly RoleGrantId[] =>
  roleGrantIds.filter((id) => (roleGrants[id] as RoleGrant).scopes.includes(scope))

/** Where a role's rules hold. `targets`: namespaces in the clusters, or the whole clusters for a role of the platform. */
export type RoleSide = 'host' | 'workspace' | 'project' | 'targets'

/** Rules of a role on one side, without those that stand there twice. */
export function roleRules(
  scope: RoleScope,
  { grants, rules }: { readonly grants: readonly RoleGrantId[]; readonly rules: readonly PolicyRule[] },
  side: RoleSide,
): PolicyRule[] {
  const chosen = grants.map((id): RoleGrant => roleGrants[id]).filter(({ scopes }) => scopes.includes(scope))
  const found = chosen.flatMap((one): readonly PolicyRule[] => {
    switch (side) {
      case 'workspace':
        return one.inWorkspace ?? []
      case 'project':
        return one.inProject ?? []
      case 'targets':
        return one.inTargets ?? []
      case 'host':
        // all over the host there are others' Secrets and ConfigMaps, too
        return (one.inHost ?? []).concat((one.inWorkspace ?? []).filter(isOurs), (one.inProject ?? []).filter(isOurs))
      default:
        return side satisfies never
    }
  })
  const every = side === 'targets' ? [...found, ...rules] : found
  const seen = new Set<string>()
  return every.filter((one) => {
    const key = JSON.stringify(one)
    return !seen.has(key) && seen.add(key)
  })
}

const isOurs = ({ apiGroups, resources }: PolicyRule): boolean => apiGroups[0] === group || resources[0] === 'events'

const viewing = [
  'applications.see',
  'pods.see',
  'pods.logs',
  'workloads.see',
  'config.see',
  'credentials.see',
  'members.see',
] as const
const operating = [...viewing, 'applications.release', 'pods.restart', 'workloads.scale'] as const
const developing = [
  ...operating,
  'applications.change',
  'applications.remove',
  'pods.shell',
  'workloads.change',
  'config.change',
  'secrets.see',
  'secrets.change',
  'credentials.change',
] as const

/** What the built-in roles may do, in the same words. An administrator also gives roles, which no custom role can. */
export const builtInGrants: {
  readonly [S in RoleScope]: Readonly<Record<(typeof builtInRoles)[S][number], readonly RoleGrantId[]>>
} = {
  platform: {
    admin: grantsOfScope('platform'),
    viewer: [...viewing, 'projects.see', 'audit.see', 'clusters.see', 'workspaces.see', 'people.see', 'nodes.see'],
  },
  workspace: {
    admin: grantsOfScope('workspace'),
    developer: [...developing, 'projects.see'],
    viewer: [...viewing, 'projects.see'],
  },
  project: {
    admin: grantsOfScope('project'),
    operator: operating,
    developer: developing,
    viewer: viewing,
  },
}
