import type { Grant, KubeObjectShape, MemberRow, PersonRow, RoleRow, RouteResult } from '@flotilla/api'
import { builtInRoles } from '@flotilla/model/built-in-roles'
import { builtInGrants, grantsOfScope } from '@flotilla/model/role-grants'
import type { Answers } from './fixture-answers.ts'
import { projects } from './fixture-data.ts'

/** Made-up departments and people. What is written is kept, so that a screen shows what it did. */
const since = '2026-01-05T08:00:00Z'

const workspaces: RouteResult<'workspaces.list'>['items'] = [
  {
    name: 'retail',
    uid: 'w-retail',
    displayName: 'Retail',
    description: 'Shops and payments',
    namespace: 'ws-retail',
    projects: 2,
    members: 3,
    quota: {
      hard: { 'requests.cpu': '40', 'requests.memory': '80Gi', pods: '400' },
      allocated: { 'requests.cpu': '34', 'requests.memory': '40Gi', pods: '120' },
      used: { 'requests.cpu': '10500m', 'requests.memory': '10Gi', pods: '21' },
    },
    ready: true,
    createdAt: since,
  },
  {
    name: 'logistics',
    uid: 'w-logistics',
    displayName: '物流',
    namespace: 'ws-logistics',
    clusters: { names: ['hub', 'west'] },
    projects: 0,
    members: 1,
    ready: false,
    message: 'The namespace ws-logistics is being made',
    createdAt: since,
  },
]

const person = (name: string, displayName: string, more: Partial<PersonRow> = {}): PersonRow => ({
  name,
  uid: `u-${name}`,
  displayName,
  email: `${name}@fixture.invalid`,
  disabled: false,
  roles: [],
  createdAt: since,
  ...more,
})

const grant = (user: string, role: string, place: Pick<Grant, 'scope' | 'workspace' | 'project'>): Grant => ({
  ...place,
  role,
  user,
  membership: user,
  state: 'Given',
  since,
})
const platform = { scope: 'platform' } as const
const retail = { scope: 'workspace', workspace: 'retail' } as const
const shop = { scope: 'project', workspace: 'retail', project: 'shop' } as const

function startingGrants(): Grant[] {
  return [
    grant('ada', 'admin', platform),
    grant('bob', 'viewer', platform),
    grant('dora', 'developer', retail),
    grant('eve', 'admin', retail),
    grant('fay', 'viewer', retail),
    grant('omar', 'operator', shop),
    { ...grant('dora', 'viewer', shop), state: 'OtherPerson' },
    { ...grant('', 'viewer', retail), membership: 'group-1', group: { provider: 'corp', name: 'retail-staff' } },
  ]
}

const quota: RouteResult<'projects.get'>['quota'] = {
  hard: { 'requests.cpu': '24', 'requests.memory': '30Gi', pods: '100' },
  granted: { 'requests.cpu': '20', 'requests.memory': '30Gi', pods: '100' },
  targets: [
    {
      cluster: 'hub',
      namespace: 'shop',
      allocated: { 'requests.cpu': '8', 'requests.memory': '10Gi', pods: '40' },
      used: { 'requests.cpu': '7500m', 'requests.memory': '4Gi', pods: '12' },
    },
    {
      cluster: 'east',
      namespace: 'shop',
      allocated: { 'requests.cpu': '12', 'requests.memory': '20Gi', pods: '60' },
      used: { 'requests.cpu': '3', 'requests.memory': '6Gi', pods: '9' },
    },
    { cluster: 'west', namespace: 'shop', allocated: {} },
  ],
}

const customRoles: readonly RoleRow[] = [
  {
    name: 'releaser',
    builtIn: false,
    displayName: 'Release engineer',
    description: 'Ships what others wrote',
    grants: ['applications.see', 'applications.release', 'pods.see', 'pods.logs', 'pods.restart'],
    givesRoles: false,
    rules: [],
    givenTo: ['omar'],
    givenCount: 1,
    state: 'Ready',
    clusters: [{ cluster: 'east', state: 'Ready' }],
  },
  {
    name: 'tuner',
    builtIn: false,
    grants: ['workloads.see', 'workloads.scale'],
    givesRoles: false,
    rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }],
    givenTo: [],
    givenCount: 0,
    state: 'Refused',
    message: 'east: it holds more than the administrator has there: get nodes',
    clusters: [{ cluster: 'east', state: 'Refused' }],
  },
]

interface WrittenMembership {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec: { readonly user?: string; readonly group?: Grant['group']; readonly role: string }
}

const namespaceOf = ({ scope, workspace = '', project = '' }: Grant): string =>
  ({ platform: 'flotilla-system', workspace: `ws-${workspace}`, project: `pj-${project}` })[scope]

export function tenantAnswers(): Answers {
  let grants = startingGrants()
  let accounts: RouteResult<'serviceAccounts.list'>['items'] = [
    { name: 'deploy-bot', displayName: 'Pipeline of the shop', disabled: false, createdAt: since },
  ]
  const people = [
    person('ada', 'Ada · retail'),
    person('bob', 'Bob'),
    person('dora', 'Dora Müller'),
    person('eve', '李伟'),
    person('fay', 'Fay', { disabled: true }),
    person('omar', 'Omar'),
  ]
  const withRoles = (row: PersonRow): PersonRow => ({
    ...row,
    roles: grants.filter(({ user, state }) => user === row.name && state === 'Given'),
  })
  const memberOf = (one: Grant): MemberRow => {
    const found = people.find(({ name }) => name === one.user)
    return {
      ...one,
      disabled: found?.disabled ?? false,
      ...(found?.displayName === undefined ? {} : { displayName: found.displayName }),
    }
  }
  const placeOf = (namespace: string): Pick<Grant, 'scope' | 'workspace' | 'project'> =>
    namespace === 'flotilla-system' ? platform : namespace.startsWith('ws-') ? retail : shop
  return {
    'workspaces.list': () => ({ items: workspaces, total: workspaces.length }),
    'workspaces.get': ({ params }) => workspaces.find(({ name }) => name === params['workspace']) ?? first(workspaces),
    'projects.get': ({ params }) => {
      const found = projects.find(({ name }) => name === params['project']) ?? first(projects)
      return {
        ...found,
        description: 'The web shop',
        network: { isolation: 'Isolated', egress: 'Open', allowFrom: { namespaces: ['ingress-nginx'] } },
        quota,
        conditions: [],
        targets: found.targets.map(targetOf),
      }
    },
    'members.list': ({ query }) => {
      const project = query.get('project')
      const workspace = query.get('workspace') ?? (project === null ? null : 'retail')
      const scopes = project === null ? (workspace === null ? [] : ['workspace']) : ['project', 'workspace']
      const items = [...scopes, 'platform'].flatMap((scope) => grants.filter((one) => one.scope === scope))
      return { items: items.map(memberOf) }
    },
    'roles.list': ({ query }) => {
      const scope = query.has('project') ? 'project' : query.has('workspace') ? 'workspace' : 'platform'
      const holders = (role: string) => grants.filter((one) => one.scope === scope && one.role === role)
      const builtIn = builtInRoles[scope].map((name): RoleRow => {
        const of: Readonly<Record<string, readonly string[]>> = builtInGrants[scope]
        const givenTo = holders(name).map(({ user, group }) => group?.name ?? user)
        return {
          name,
          builtIn: true,
          givesRoles: name === 'admin',
          grants: [...(of[name] ?? [])],
          rules: [],
          givenTo,
          givenCount: givenTo.length,
          state: 'Ready',
          clusters: [],
        }
      })
      return { items: [...builtIn, ...(scope === 'platform' ? [] : customRoles)], offered: [...grantsOfScope(scope)] }
    },
    'serviceAccounts.list': () => ({ items: accounts }),
    'serviceAccounts.add': ({ body }) => {
      const { name } = body as { name: string }
      const made = { name, disabled: false, createdAt: since }
      accounts = [...accounts, made]
      return made
    },
    'serviceAccounts.remove': ({ params }) => {
      accounts = accounts.filter(({ name }) => name !== params['user'])
      return { done: true }
    },
    'people.list': ({ query }) => {
      const q = query.get('q')?.toLowerCase() ?? ''
      const items = people.filter(({ name, displayName = '' }) => `${name} ${displayName}`.toLowerCase().includes(q))
      return { items: items.map(withRoles), total: items.length }
    },
    'people.get': ({ params }) => {
      const found = people.find(({ name }) => name === params['user']) ?? first(people)
      return { ...withRoles(found), grants: grants.filter(({ user }) => user === found.name), password: 'set' }
    },
    'people.find': ({ query }) => ({
      items: people
        .filter(({ name }) => name.startsWith(query.get('q') ?? ''))
        .map(({ name, displayName = name }) => ({ name, displayName })),
    }),
    'access.review': ({ body }) => {
      const { questions, cluster } = body as { questions: { verb: string; resource: string }[]; cluster?: string }
      return {
        namespace: cluster === undefined ? 'pj-shop' : 'shop',
        disabled: false,
        answers: questions.map(({ verb, resource }) => verb === 'get' || (verb === 'list' && resource !== 'secrets')),
      }
    },
    'users.setPassword': () => ({ done: true }),
    'documents.apply': ({ body }) => {
      const { documents } = body as { documents: string }
      // the editor writes YAML, the screens of tenants JSON
      const written = documents.startsWith('{') ? (JSON.parse(documents) as WrittenMembership) : undefined
      const name = written?.metadata.name ?? 'shop'
      if (written?.kind === 'Membership') {
        const namespace = written.metadata.namespace ?? ''
        grants = grants.filter((one) => !(one.membership === name && namespaceOf(one) === namespace))
        const { user = '', group, role } = written.spec
        const made = { ...grant(user, role, placeOf(namespace)), membership: name }
        grants.push(group === undefined ? made : { ...made, group })
      }
      const ref = {
        group: 'flotilla.dev',
        version: 'v1alpha1',
        kind: written?.kind ?? 'Application',
        namespace: '',
        name,
      }
      return { items: [{ ref, outcome: 'changed' }], failed: 0 }
    },
    'kinds.remove': ({ params, query }) => {
      grants = grants.filter((one) => one.membership !== params['name'] || namespaceOf(one) !== query.get('namespace'))
      return { outcome: 'deleted' }
    },
    'kinds.get': ({ params, query }): KubeObjectShape => {
      const [kind = '', name = ''] = [params['kind'], params['name']]
      const found = grants.find((one) => one.membership === name && namespaceOf(one) === query.get('namespace'))
      const specs: Record<string, unknown> = {
        Membership: { user: found?.user, role: found?.role },
        Workspace: { displayName: 'Retail', clusters: { names: ['hub', 'west'] } },
        Project: {
          displayName: 'Shop',
          podSecurity: 'baseline',
          network: { isolation: 'Isolated', allowFrom: { namespaces: ['ingress-nginx'] } },
          quota: { hard: { 'requests.cpu': '24', 'requests.memory': '30Gi', pods: '100' } },
          targets: [
            {
              clusters: { names: ['hub'] },
              environment: 'staging',
              quota: { hard: { 'requests.cpu': '8', 'requests.memory': '10Gi', pods: '40' } },
            },
            { clusters: { selector: { matchLabels: { environment: 'prod' } } }, environment: 'prod' },
          ],
        },
      }
      const metadata = { name, resourceVersion: '1', namespace: query.get('namespace') ?? '' }
      return { apiVersion: 'flotilla.dev/v1alpha1', kind, metadata, spec: specs[kind] ?? {} }
    },
  }
}

function targetOf({
  cluster,
  namespace,
}: (typeof projects)[number]['targets'][number]): (typeof projects)[number]['targets'][number] {
  if (cluster === 'hub') {
    const network = { state: 'NotEnforced', message: 'Asked for, but not enforced in this cluster' } as const
    return { cluster, namespace, environment: 'staging', state: 'Ready', network }
  }
  if (cluster === 'east') {
    const network = { state: 'Isolated', message: 'The policy is there, and east enforces network policies' } as const
    return { cluster, namespace, environment: 'prod', state: 'Ready', network }
  }
  const message = 'The namespace shop belongs to somebody else there'
  return { cluster, namespace, environment: 'prod', state: 'Refused', message }
}

function first<T>(rows: readonly T[]): T {
  const [row] = rows
  if (row === undefined) throw new Error('the fixture has none')
  return row
}
