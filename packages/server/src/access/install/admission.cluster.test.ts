import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { KubeClient } from '@flotilla/kube'
import {
  annotations,
  apiVersion,
  asFlotillaError,
  type BuiltInRole,
  builtInRoles,
  type KubeObject,
  labels,
  platformGroup,
  projectGroup,
  revertGroup,
  systemNamespace,
  workspaceGroup,
} from '@flotilla/model'
import { roleBinding, roles } from '@flotilla/reconcile'
import { until } from '../../testing/until.ts'
import { application, type Hub, kindRef, makeTenant, openHub } from '../../testing/open-hub.ts'

/** Refused by RBAC or by a policy; the words tell which. */
async function refused(
  work: Promise<unknown>,
  words: RegExp,
  codes = ['kube.forbidden', 'kube.invalid'],
): Promise<void> {
  await assert.rejects(work, (thrown: unknown) => {
    const { code, message } = asFlotillaError(thrown)
    assert.ok(codes.includes(code), `${code}: ${message}`)
    assert.match(message, words)
    return true
  })
}

describe('admission in the host, for whoever comes with plain kubectl', () => {
  let hub: Hub
  let mine: { workspace: string; project: string; uid: string }
  let others: typeof mine
  const as = (...groups: string[]): KubeClient => hub.client.as({ user: 'flotilla:user:test-ada', groups })
  const role = (name: 'admin' | 'developer' | 'viewer', tenant = mine): KubeClient =>
    as(workspaceGroup(tenant.uid, name))

  /** Somebody with a role in the project only. */
  const inProject = (name: BuiltInRole<'project'>, tenant = mine): KubeClient => as(projectGroup(tenant.uid, name))

  before(async () => {
    hub = await openHub()
    mine = await makeTenant(hub, `mine-${hub.suffix}`)
    others = await makeTenant(hub, `others-${hub.suffix}`)
    for (const tenant of [mine, others]) {
      for (const name of builtInRoles.workspace) {
        const groups = [workspaceGroup(tenant.uid, name)]
        const at = { name: `flotilla:${name}`, groups, labels: {} }
        await hub.make(roleBinding({ ...at, namespace: tenant.workspace, role: roles.workspace[name] }))
        await hub.make(roleBinding({ ...at, namespace: tenant.project, role: roles.project[name] }))
      }
      for (const name of builtInRoles.project) {
        const at = { namespace: tenant.project, name: `flotilla:project-${name}`, labels: {} }
        await hub.make(roleBinding({ ...at, role: roles.project[name], groups: [projectGroup(tenant.uid, name)] }))
      }
    }
  })
  after(async () => hub[Symbol.asyncDispose]())
  before(async () => {
    // policies that were just installed, or changed, are in force a moment later
    const refusedWith = (work: Promise<unknown>, words: RegExp): Promise<boolean> =>
      work.then(
        () => false,
        (thrown: unknown) => words.test(asFlotillaError(thrown).message),
      )
    const probe = await hub.client.create(application(mine.project, 'probe'))
    const edit = { type: 'merge', body: { spec: { maxConcurrency: 2 } } } as const
    const key = { ...kindRef('Application'), namespace: mine.project, name: 'probe' }
    await until('the policies are in force', async () => {
      const dryRun = { dryRun: true }
      return (
        (await refusedWith(hub.client.create(project('default', 'stray'), dryRun), /namespace of a workspace/)) &&
        (await refusedWith(hub.client.create(membership('default', 'stray', 'viewer'), dryRun), /pj-<project>/)) &&
        (await refusedWith(inProject('operator').patch(key, edit, dryRun), /An operator pauses/))
      )
    })
    await hub.client.delete(key, { uid: probe.metadata.uid ?? '' })
  })

  const project = (namespace: string, name: string, spec: Record<string, unknown> = {}): KubeObject => ({
    apiVersion,
    kind: 'Project',
    metadata: { name, namespace },
    spec: { targets: [], ...spec },
  })
  const membership = (namespace: string, name: string, role_: string): KubeObject => ({
    apiVersion,
    kind: 'Membership',
    metadata: { name, namespace },
    spec: { user: 'somebody', role: role_ },
  })
  const delivery = (namespace: string, name: string): KubeObject => ({
    apiVersion,
    kind: 'Delivery',
    metadata: { name, namespace },
    spec: {
      application: { name: 'web', uid: 'u' },
      project: { name: 'p', uid: 'u' },
      target: { cluster: 'east', namespace: 'p' },
    },
  })
  /** Gives the group rights by a Role of a person's own making, so that only admission stands in the way. */
  async function grantByHand(namespace: string, group: string, resources: string[], verbs: string[]): Promise<void> {
    const metadata = { name: `by-hand-${resources.join('-')}`, namespace }
    await hub.make({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: ['flotilla.dev'], resources, verbs }],
    })
    await hub.make({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group }],
    })
    // the API server's authorizer hears of it a moment later
    const asked = { group: 'flotilla.dev', namespace, resource: resources[0], verb: verbs[0] }
    await until('the right is there', async () => {
      const review = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        metadata: { name: '' },
        spec: { resourceAttributes: asked },
      }
      return ((await as(group).create(review))['status'] as { allowed?: boolean }).allowed
    })
  }

  test('a developer writes applications of their project and of no other', async () => {
    const made = await role('developer').create(application(mine.project, 'web'))
    assert.equal((made['spec'] as { maxConcurrency: number }).maxConcurrency, 5, 'defaults are filled in by the kind')
    await refused(role('developer').create(application(others.project, 'web')), /cannot create/)
    await refused(role('viewer').create(application(mine.project, 'web2')), /cannot create/)
  })

  test('nobody passes off as another the author of what they wrote', async () => {
    const ada = { [annotations.changedBy]: 'flotilla:user:test-ada' }
    const eve = { [annotations.changedBy]: 'flotilla:user:test-eve' }
    const app = (name: string, by: Record<string, string>) => {
      const object = application(mine.project, name)
      return { ...object, metadata: { ...object.metadata, annotations: by } }
    }
    await refused(role('developer').create(app('authored', eve)), /names who writes/)
    const through = { fieldManager: 'flotilla-person' }
    await refused(role('developer').create(app('authored', {}), through), /kept for what people do/)
    await role('developer').create(app('authored', ada), through)
    const key = { ...kindRef('Application'), namespace: mine.project, name: 'authored' }
    const another = hub.client.as({ user: 'flotilla:user:test-eve', groups: [workspaceGroup(mine.uid, 'developer')] })
    const edit = { type: 'merge', body: { spec: { paused: true } } } as const
    await refused(another.patch(key, edit, through), /kept for what people do/)
    await another.patch(key, edit, { fieldManager: 'kubectl-edit' })
    const withEve = { type: 'merge', body: { metadata: { annotations: eve }, spec: { paused: false } } } as const
    await another.patch(key, withEve, through)
    const withMallory = {
      type: 'merge',
      body: { metadata: { annotations: { [annotations.changedBy]: 'mallory' } } },
    } as const
    await refused(role('developer').patch(key, withMallory), /names who writes/)
  })

  test('an operator pauses, resumes and asks for a sync, and changes nothing else', async () => {
    const key = { ...kindRef('Application'), namespace: mine.project, name: 'operated' }
    const app = application(mine.project, 'operated')
    await inProject('developer').create({ ...app, metadata: { ...app.metadata, labels: { team: 'web' } } })
    const operator = inProject('operator')
    const merge = (body: Record<string, unknown>) => operator.patch(key, { type: 'merge', body })
    await merge({ spec: { paused: true } })
    await merge({ spec: { paused: false }, metadata: { annotations: { [annotations.syncRequest]: 'now' } } })
    const own = { [annotations.changedBy]: 'flotilla:user:test-ada', [annotations.syncRequest]: 'later' }
    await operator.patch(
      key,
      { type: 'merge', body: { spec: { paused: true }, metadata: { annotations: own } } },
      {
        fieldManager: 'flotilla-person',
      },
    )
    for (const body of [
      { spec: { maxConcurrency: 1 } },
      { spec: { paused: false, driftPolicy: 'Report' } },
      { spec: { dependsOn: ['other'] } },
      { spec: { components: [{ name: 'web', manifests: { inline: 'b: 2' } }] } },
      { metadata: { annotations: { note: 'mine' } } },
      { metadata: { annotations: { [annotations.syncRequest]: null, note: 'mine' } } },
      { metadata: { labels: { team: null } } },
      { metadata: { finalizers: ['example.com/held'] } },
      { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'gone', uid: 'gone' }] } },
    ])
      await refused(merge(body), /An operator pauses/)
    await refused(
      operator.apply(application(mine.project, 'operated', { maxConcurrency: 2 }), { fieldManager: 'x', force: true }),
      /An operator pauses/,
    )
    await refused(operator.delete(key), /cannot delete/)
    await refused(operator.create(application(mine.project, 'operated2')), /cannot create/)
    const secrets = { group: '', version: 'v1', kind: 'Secret' }
    await refused(operator.list(secrets, { namespace: mine.project }), /cannot list/)
    await refused(inProject('viewer').patch(key, { type: 'merge', body: { spec: { paused: false } } }), /cannot patch/)
  })

  test('what the server puts back for an operator is no edit of theirs; for others it opens nothing', async () => {
    const key = { ...kindRef('Application'), namespace: mine.project, name: 'reverted' }
    await inProject('developer').create(application(mine.project, 'reverted'))
    const body = { spec: { components: [{ name: 'web', manifests: { inline: 'b: 2' } }] } }
    await refused(inProject('operator').patch(key, { type: 'merge', body }), /An operator pauses/)
    await as(projectGroup(mine.uid, 'operator'), revertGroup).patch(key, { type: 'merge', body })
    await refused(as(projectGroup(mine.uid, 'viewer'), revertGroup).patch(key, { type: 'merge', body }), /cannot patch/)
  })

  test('an administrator of a project grants its roles, there only, and leaves the Project alone', async () => {
    const admin = inProject('admin')
    for (const name of builtInRoles.project) await admin.create(membership(mine.project, `p-${name}`, name))
    await admin.delete({ ...kindRef('Membership'), namespace: mine.project, name: 'p-admin' })
    await role('admin').create(membership(mine.project, 'p-by-workspace', 'admin'))
    await refused(admin.create(membership(mine.project, 'p-delivery', 'delivery')), /spec.role/)
    await refused(admin.create(membership(others.project, 'p', 'viewer')), /cannot create/)
    await refused(admin.create(membership(mine.workspace, 'p', 'viewer')), /cannot create/)
    await refused(admin.create(project(mine.workspace, `own-${hub.suffix}`)), /cannot create/)
    for (const name of ['operator', 'developer', 'viewer'] as const) {
      await refused(inProject(name).create(membership(mine.project, 'q', 'viewer')), /cannot create/)
      assert.ok((await inProject(name).list(kindRef('Membership'), { namespace: mine.project })).items.length >= 4)
    }
    await grantByHand(mine.project, projectGroup(mine.uid, 'operator'), ['memberships'], ['create', 'patch', 'get'])
    await refused(inProject('operator').create(membership(mine.project, 'q', 'admin')), /right to grant/)
    const key = { ...kindRef('Membership'), namespace: mine.project, name: 'p-viewer' }
    await refused(
      inProject('operator').patch(key, { type: 'merge', body: { spec: { role: 'admin' } } }),
      /right to grant/,
    )
  })

  const customRole = (namespace: string, spec: object, name = 'releaser'): KubeObject => ({
    apiVersion,
    kind: 'CustomRole',
    metadata: { name, namespace },
    spec,
  })
  const plain = { grants: ['applications.see', 'pods.logs'] }
  const rule = (more: object) => ({ rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'], ...more }] })

  test('a role is made and changed by who gives roles there, and holds nothing that they have not', async () => {
    const admin = inProject('admin')
    const dryRun = { dryRun: true }
    await admin.create(customRole(mine.project, plain))
    await role('admin').create(customRole(mine.workspace, { grants: ['projects.change'] }))
    await as(platformGroup('admin')).create(customRole(systemNamespace, { grants: ['clusters.see'] }), dryRun)
    await refused(admin.create(customRole(others.project, plain)), /cannot create/)
    await refused(admin.create(customRole(mine.workspace, plain)), /cannot create/)
    await refused(role('admin').create(customRole(systemNamespace, plain)), /cannot create/)
    for (const name of ['operator', 'developer', 'viewer'] as const)
      await refused(inProject(name).create(customRole(mine.project, plain, 'own')), /cannot create/)
    // whatever a Role of somebody's own making says: without the right to give roles nobody makes or widens one
    await grantByHand(
      mine.project,
      projectGroup(mine.uid, 'viewer'),
      ['customroles'],
      ['create', 'patch', 'update', 'get'],
    )
    await refused(inProject('viewer').create(customRole(mine.project, plain, 'own')), /may give roles there/)
    const key = { ...kindRef('CustomRole'), namespace: mine.project, name: 'releaser' }
    const wider = { type: 'merge', body: { spec: { grants: ['secrets.change'] } } } as const
    await refused(inProject('viewer').patch(key, wider), /may give roles there/)
    await refused(inProject('viewer').replaceStatus({ ...(await admin.get(key)), status: { givenCount: 0 } }), /status/)
    // of a workspace, or of the platform, is more than an administrator of a project has
    for (const grant of ['projects.change', 'clusters.see', 'people.see'])
      await refused(
        admin.create(customRole(mine.project, { grants: [grant] }, 'own')),
        new RegExp(`${grant} is more than`),
      )
    await refused(
      role('admin').create(customRole(mine.workspace, { grants: ['clusters.change'] }, 'own')),
      /is more than/,
    )
    await refused(
      as(platformGroup('admin')).create(customRole(systemNamespace, { grants: ['secrets.see'] }, 'own')),
      /is more than/,
    )
    await refused(hub.client.create(customRole('default', plain)), /Custom roles are in/)
    await refused(
      admin.patch({ ...key, name: 'releaser' }, { type: 'merge', body: { spec: { grants: ['everything'] } } }),
      /grants/,
    )
  })

  test('no rule of a role is a wildcard, a way to more rights, or one over what Flotilla keeps', async () => {
    const admin = inProject('admin')
    for (const [more, words] of [
      [{ verbs: ['*'] }, /verbs/],
      [{ resources: ['*'] }, /resources/],
      [{ apiGroups: ['*'] }, /apiGroups/],
      [{ verbs: ['bind'] }, /more than stands in the role/],
      [{ verbs: ['escalate'] }, /more than stands in the role/],
      [{ verbs: ['impersonate'] }, /more than stands in the role/],
      [{ verbs: ['impersonate:user-info'] }, /verbs/],
      [{ apiGroups: ['flotilla.dev'], resources: ['memberships'] }, /spec.grants/],
      [{ apiGroups: undefined, resources: undefined, nonResourceURLs: ['/metrics'] }, /Required/],
    ] as const)
      await refused(admin.create(customRole(mine.project, rule(more), 'own'), { dryRun: true }), words)
    const pruned = await admin.create(customRole(mine.project, rule({ nonResourceURLs: ['/metrics'] }), 'own'), {
      dryRun: true,
    })
    assert.doesNotMatch(JSON.stringify(pruned['spec']), /metrics/)
    await refused(admin.create(customRole(mine.project, {}, 'own')), /at least one/)
    for (const name of ['admin', 'viewer', 'delivery', 'member'])
      await refused(admin.create(customRole(mine.project, plain, name)), /built-in role/)
  })

  test('a role that is given stays, and only Flotilla takes its finalizer off', async () => {
    const key = { ...kindRef('CustomRole'), namespace: mine.project, name: 'held' }
    const metadata = { name: 'held', namespace: mine.project, finalizers: ['flotilla.dev/cleanup'] }
    const made = await hub.client.create({ ...customRole(mine.project, plain), metadata })
    await hub.client.replaceStatus({ ...made, status: { givenTo: ['dora', 'eve'], givenCount: 2 } })
    await refused(inProject('admin').delete(key), /given to dora, eve; take it from them first/)
    const without = { type: 'merge', body: { metadata: { finalizers: null } } } as const
    await refused(inProject('admin').patch(key, without), /taken off by Flotilla/)
    await hub.client.patch(key, without)
  })

  test("a namespace is not a project's by its name alone, nor by its label alone", async () => {
    const place = (name: string, managed: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { [labels.managed]: managed } },
    })
    await hub.make(place(`pj-bare-${hub.suffix}`, 'other'))
    await hub.make(place(`target-${hub.suffix}`, 'project'))
    for (const namespace of [`pj-bare-${hub.suffix}`, `target-${hub.suffix}`]) {
      await refused(hub.client.create(membership(namespace, 'a', 'viewer')), /Memberships are in/)
      await refused(hub.client.create(application(namespace, 'stray')), /host namespace of a project/)
    }
  })

  test('nobody among the tenants writes a status', async () => {
    const created = await role('admin').create(application(mine.project, 'status'))
    const said = { ...created, status: { health: 'Healthy' } }
    await refused(role('admin').replaceStatus(said), /applications\/status/)
    await refused(as(platformGroup('admin')).replaceStatus(said), /applications\/status/)
    const written = await role('admin').update({ ...said, spec: { ...(created['spec'] as object), paused: true } })
    assert.equal(written['status'], undefined)
  })

  test('what is the platform’s own nobody reads or writes, whatever role they have', async () => {
    const everybody: [string, KubeClient][] = [
      ...builtInRoles.workspace.map((name): [string, KubeClient] => [`workspace ${name}`, role(name)]),
      ...builtInRoles.project.map((name): [string, KubeClient] => [`project ${name}`, inProject(name)]),
    ]
    const platform: [string, KubeClient][] = [
      ['platform admin', as(platformGroup('admin'))],
      ['platform viewer', as(platformGroup('viewer'))],
    ]
    const may = async (client: KubeClient, [verb, of, resource, namespace, name]: readonly string[]) => {
      const [plain, subresource] = (resource ?? '').split('/')
      const resourceAttributes = { verb, group: of, resource: plain, subresource, namespace, name }
      const review = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        metadata: { name: '' },
        spec: { resourceAttributes },
      }
      return ((await client.create(review))['status'] as { allowed?: boolean }).allowed === true
    }
    const flotilla = 'flotilla.dev'
    /** verb, group, resource, namespace, name */
    const never: readonly (readonly string[])[] = [
      ['get', '', 'secrets', systemNamespace, 'flotilla-first-password'],
      ['get', '', 'secrets', systemNamespace, 'identity-provider-corp'],
      ['get', '', 'secrets', systemNamespace, 'agent-east'],
      ['list', '', 'secrets', systemNamespace],
      ['list', '', 'secrets', ''],
      ['create', '', 'secrets', systemNamespace],
      ['update', '', 'configmaps', systemNamespace],
      ['get', '', 'configmaps', systemNamespace],
      ['update', 'coordination.k8s.io', 'leases', systemNamespace],
      ['create', '', 'serviceaccounts/token', systemNamespace],
      ['create', '', 'serviceaccounts/token', mine.project],
      ['create', '', 'pods', systemNamespace],
      ['create', '', 'pods', mine.project],
      ['create', '', 'pods/exec', systemNamespace],
      ['get', '', 'nodes/proxy', ''],
      ['update', flotilla, 'users/status', ''],
      ['update', flotilla, 'memberships/status', mine.project],
      ['update', flotilla, 'projects/status', mine.workspace],
      ['update', flotilla, 'identityproviders/status', ''],
      ['control', flotilla, 'deliveries', mine.project],
      ['create', flotilla, 'deliveries', mine.project],
      ['impersonate', '', 'users', ''],
      ['impersonate', '', 'groups', ''],
      ['bind', 'rbac.authorization.k8s.io', 'clusterroles', ''],
      ['escalate', 'rbac.authorization.k8s.io', 'clusterroles', ''],
      ['create', 'rbac.authorization.k8s.io', 'rolebindings', mine.project],
      ['create', 'rbac.authorization.k8s.io', 'clusterrolebindings', ''],
      ['create', 'admissionregistration.k8s.io', 'validatingwebhookconfigurations', ''],
      ['update', 'apiextensions.k8s.io', 'customresourcedefinitions', ''],
      ['create', 'certificates.k8s.io', 'certificatesigningrequests', ''],
    ]
    const ofThePlatform: readonly (readonly string[])[] = [
      ['get', flotilla, 'users', ''],
      ['create', flotilla, 'users', ''],
      ['update', flotilla, 'users', ''],
      ['get', flotilla, 'identityproviders', ''],
      ['create', flotilla, 'identityproviders', ''],
      ['create', flotilla, 'clusters', ''],
      ['update', flotilla, 'workspaces', ''],
      ['grant', flotilla, 'memberships', systemNamespace],
      ['grant', flotilla, 'memberships', others.project],
      ['get', '', 'secrets', others.project],
      ['clusterscope', flotilla, 'projects', mine.workspace],
    ]
    const allowed: string[] = []
    const ask = (people: typeof platform, wanted: typeof never) =>
      Promise.all(
        people.flatMap(([who, client]) =>
          wanted.map(async (right) => (await may(client, right)) && allowed.push(`${who}: ${right.join(' ')}`)),
        ),
      )
    await ask([...everybody, ...platform], never)
    await ask(everybody, ofThePlatform)
    assert.deepEqual(allowed, [])
  })

  test('deliveries are written by Flotilla only, even where RBAC would let others', async () => {
    await refused(role('admin').create(delivery(mine.project, 'web.east')), /cannot create/)
    await refused(as(platformGroup('admin')).create(delivery(mine.project, 'web.east')), /cannot create/)
    await grantByHand(
      mine.project,
      workspaceGroup(mine.uid, 'admin'),
      ['deliveries'],
      ['create', 'update', 'patch', 'get'],
    )
    await refused(role('admin').create(delivery(mine.project, 'web.east')), /written by Flotilla only/)
    const ours = await hub.client.create(delivery(mine.project, 'web.east'))
    const changed = { ...ours, spec: { ...(ours['spec'] as object), deletionPolicy: 'Keep' } }
    await refused(role('admin').update(changed), /written by Flotilla only/)
    // what does not touch the spec is no matter of the policy
    await role('admin').update({ ...ours, metadata: { ...ours.metadata, annotations: { note: 'mine' } } })
  })

  test('scope Cluster is for platform administrators', async () => {
    await role('admin').create(project(mine.workspace, `wide-${hub.suffix}`))
    const wide = { scope: 'Cluster' }
    await refused(
      role('admin').create(project(mine.workspace, `wide2-${hub.suffix}`, wide)),
      /platform administrators only/,
    )
    const key = { ...kindRef('Project'), namespace: mine.workspace, name: `wide-${hub.suffix}` }
    await refused(role('admin').patch(key, { type: 'merge', body: { spec: wide } }), /platform administrators only/)
    await as(platformGroup('admin')).patch(key, { type: 'merge', body: { spec: wide } })
    // once it is wide, its targets are the platform's too
    const targets = { spec: { targets: [{ clusters: {} }] } }
    await refused(role('admin').patch(key, { type: 'merge', body: targets }), /platform administrators only/)
    await role('admin').patch(key, { type: 'merge', body: { metadata: { annotations: { note: 'mine' } } } })
  })

  test('podSecurity privileged is for platform administrators', async () => {
    const name = `bare-${hub.suffix}`
    const privileged = { podSecurity: 'privileged' }
    await refused(role('admin').create(project(mine.workspace, name, privileged)), /platform administrators only/)
    await role('admin').create(project(mine.workspace, name, { podSecurity: 'restricted' }))
    const key = { ...kindRef('Project'), namespace: mine.workspace, name }
    await refused(role('admin').patch(key, { type: 'merge', body: { spec: privileged } }), /platform administrators/)
    await as(platformGroup('admin')).patch(key, { type: 'merge', body: { spec: privileged } })
    await role('admin').patch(key, { type: 'merge', body: { spec: { podSecurity: 'baseline' } } })
  })

  test('a quota has amounts of what a ResourceQuota limits, whole where things are counted', async () => {
    const written = (spec: Record<string, unknown>) =>
      hub.client.create(project(mine.workspace, `quota-${hub.suffix}`, spec), {
        dryRun: true,
        fieldValidation: 'Strict',
      })
    const hard = {
      'requests.cpu': '10',
      'limits.memory': '1.5Gi',
      pods: '20',
      'count/jobs.batch': '5',
      'requests.nvidia.com/gpu': '2',
    }
    const target = (own: Record<string, string>) => [{ clusters: {}, quota: { hard: own } }]
    await written({ quota: { hard }, targets: target({ 'requests.cpu': '2500m' }) })
    await refused(written({ quota: { hard: { cpu: '1' } } }), /names what a ResourceQuota limits/)
    await refused(written({ quota: { hard: { 'count/Jobs': '1' } } }), /names what a ResourceQuota limits/)
    await refused(written({ targets: target({ 'requests.gpu': '1' }) }), /names what a ResourceQuota limits/)
    await refused(written({ quota: { hard: { pods: '1500m' } } }), /whole numbers/)
    for (const amount of ['-1', '1Kib', '1 Gi', 'ten', '1e', '', '.'])
      await refused(written({ quota: { hard: { 'requests.cpu': amount } } }), /requests\.cpu/)
    await refused(written({ quota: { hard }, targets: target({ 'requests.cpu': '10001m' }) }), /of which it is a part/)
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`count/a${at}`, '1']))
    await refused(written({ quota: { hard: many } }), /at most 32/)
  })

  test('a project asks for no more than its workspace has free, and names a share of all that is bounded', async () => {
    const bounds = (text: string | null) =>
      hub.client.patch(
        { group: '', kind: 'Namespace', name: mine.workspace },
        { type: 'merge', body: { metadata: { annotations: { [annotations.quotaFree]: text } } } },
      )
    const name = `share-${hub.suffix}`
    const key = { ...kindRef('Project'), namespace: mine.workspace, name }
    const hard = (amounts: Record<string, string | null>) => ({ quota: { hard: amounts } })
    const change = (amounts: Record<string, string | null>) =>
      role('admin').patch(key, { type: 'merge', body: { spec: hard(amounts) } })
    await bounds('limits.memory=1Gi of 8Gi,requests.cpu=4 of 40')
    try {
      const create = (amounts: Record<string, string>) =>
        role('admin').create(project(mine.workspace, name, hard(amounts)))
      await until('the bounds are seen', async () =>
        create({}).then(
          () => false,
          (thrown: unknown) =>
            /names no share of limits\.memory, of which 1Gi are free of 8Gi/.test(asFlotillaError(thrown).message),
        ),
      )
      await refused(create({ 'requests.cpu': '1' }), /names no share of limits\.memory/)
      await refused(
        create({ 'requests.cpu': '12', 'limits.memory': '1Gi' }),
        new RegExp(`asks for 12 of requests\\.cpu, 4 are free of 40 \\(workspace ${mine.workspace.slice(3)}\\)`),
      )
      await refused(create({ 'requests.cpu': '4001m', 'limits.memory': '1Gi' }), /4 are free of 40/)
      await create({ 'requests.cpu': '4', 'limits.memory': '1024Mi', pods: '1000' })
      await bounds('limits.memory=0 of 8Gi,requests.cpu=-2 of 40')
      await until('the new bounds are seen', async () =>
        change({ 'requests.cpu': '9' }).then(
          () => false,
          (thrown: unknown) =>
            /asks for 9 of requests\.cpu, -2 are free of 40 beside its own 4/.test(asFlotillaError(thrown).message),
        ),
      )
      await change({ 'requests.cpu': '3', pods: '2000' })
      await refused(change({ 'requests.cpu': '4' }), /-2 are free of 40 beside its own 3/)
      await refused(change({ 'requests.cpu': null }), /names no share of requests\.cpu/)
      await refused(role('admin').patch(key, { type: 'merge', body: { spec: { quota: null } } }), /names no share/)
      // what does not touch the spec is no matter of the quota
      await bounds('count/jobs.batch=5 of 5,limits.memory=0 of 8Gi,requests.cpu=-2 of 40')
      await role('admin').patch(key, { type: 'merge', body: { metadata: { annotations: { note: 'mine' } } } })
    } finally {
      await bounds(null)
    }
  })

  test("a workspace keeps what its projects have; its quota, and what says how much is free, are the platform's", async () => {
    const name = `bounded-${hub.suffix}`
    const workspace = {
      apiVersion,
      kind: 'Workspace',
      metadata: { name },
      spec: { quota: { hard: { 'requests.cpu': '40' } } },
    }
    const created = await hub.make(workspace)
    const given = { hard: { 'requests.cpu': '40' }, allocated: { 'requests.cpu': '36' } }
    await hub.client.replaceStatus({ ...created, status: { quota: given } })
    const key = { ...kindRef('Workspace'), name }
    const lower = (amount: string, client = as(platformGroup('admin'))) =>
      client.patch(key, { type: 'merge', body: { spec: { quota: { hard: { 'requests.cpu': amount } } } } })
    await refused(lower('35'), /35 of requests\.cpu is less than the 36 that its projects have/)
    await lower('36')
    await lower('50')
    await refused(lower('many'), /requests\.cpu/)
    await refused(lower('60', role('admin')), /cannot patch/)
    await refused(
      hub.client.create({ ...workspace, spec: { quota: { hard: { cpu: '1' } } } }, { dryRun: true }),
      /names what/,
    )
    const namespace = { group: '', kind: 'Namespace', name: mine.workspace }
    const free = { metadata: { annotations: { [annotations.quotaFree]: 'requests.cpu=99 of 99' } } }
    for (const tenant of [role('admin'), inProject('admin'), as(platformGroup('admin'))])
      await refused(tenant.patch(namespace, { type: 'merge', body: free }), /cannot patch/)
    const status = { ...created, status: { quota: { hard: {}, allocated: {} } } }
    for (const tenant of [role('admin'), as(platformGroup('admin'))])
      await refused(tenant.replaceStatus(status), /workspaces\/status/)
    const own = {
      apiVersion,
      kind: 'Project',
      metadata: { name: 'x', namespace: mine.workspace },
      spec: { targets: [] },
    }
    await refused(role('admin').replaceStatus(own), /projects\/status/)
  })

  test('limits of containers are in their order', async () => {
    const written = (limits: Record<string, unknown>) =>
      hub.client.create(project(mine.workspace, `limits-${hub.suffix}`, { limits }), {
        dryRun: true,
        fieldValidation: 'Strict',
      })
    await written({ defaultRequest: { cpu: '100m' }, default: { cpu: '0.1' }, max: { cpu: '2', memory: '1Gi' } })
    await refused(written({ defaultRequest: { cpu: '2' }, default: { cpu: '1' } }), /spec\.limits/)
    await refused(written({ default: { memory: '2Gi' }, max: { memory: '1Gi' } }), /spec\.limits/)
    await refused(written({ defaultRequest: { memory: '2Gi' }, max: { memory: '1Gi' } }), /spec\.limits/)
    await refused(written({ max: { pods: '1' } }), /unknown field/)
  })

  test('roles are granted by those who may grant them, where they may', async () => {
    await role('admin').create(membership(mine.workspace, 'a', 'developer'))
    await refused(role('admin').create(membership(others.workspace, 'a', 'developer')), /cannot create/)
    await refused(role('admin').create(membership(systemNamespace, `a-${hub.suffix}`, 'admin')), /cannot create/)
    await refused(role('developer').create(membership(mine.workspace, 'b', 'viewer')), /cannot create/)
    await grantByHand(
      mine.workspace,
      workspaceGroup(mine.uid, 'developer'),
      ['memberships'],
      ['create', 'patch', 'get'],
    )
    await refused(role('developer').create(membership(mine.workspace, 'b', 'admin')), /right to grant/)
    const key = { ...kindRef('Membership'), namespace: mine.workspace, name: 'a' }
    await refused(role('developer').patch(key, { type: 'merge', body: { spec: { role: 'admin' } } }), /right to grant/)
  })

  test('a membership gives a role that there is, and stays with its person', async () => {
    for (const name of ['operator', 'delivery', 'member'])
      await refused(role('admin').create(membership(mine.workspace, 'c', name)), /spec.role/)
    // of a custom role that may follow; while there is none it gives nothing
    await role('admin').create(membership(mine.workspace, 'c', 'owner'), { dryRun: true })
    await refused(hub.client.create(membership(systemNamespace, `c-${hub.suffix}`, 'developer')), /spec.role/)
    await refused(hub.client.create(membership('default', 'c', 'viewer')), /Memberships are in/)
    const key = { ...kindRef('Membership'), namespace: mine.workspace, name: 'a' }
    await refused(role('admin').patch(key, { type: 'merge', body: { spec: { user: 'other' } } }), /cannot change/)
  })

  test('what belongs to a workspace or a project is nowhere else, not even for the cluster administrator', async () => {
    await refused(hub.client.create(project('default', 'stray')), /namespace of a workspace/)
    await refused(hub.client.create(project(mine.project, 'stray')), /namespace of a workspace/)
    await refused(hub.client.create(application('default', 'stray')), /host namespace of a project/)
    await refused(hub.client.create(application(mine.workspace, 'stray')), /host namespace of a project/)
    await refused(hub.client.create(delivery('default', 'stray')), /host namespace of a project/)
  })

  test('platform people are held apart from tenants', async () => {
    const cluster = { apiVersion, kind: 'Cluster', metadata: { name: `c-${hub.suffix}` }, spec: {} }
    await refused(role('admin').create(cluster), /cannot create/)
    await refused(as(platformGroup('viewer')).create(cluster), /cannot create/)
    await refused(as(platformGroup('admin')).create(cluster), /spec.connection/)
    assert.ok((await as(platformGroup('viewer')).list(kindRef('Application'))).items.length >= 1)
    await refused(role('admin').list(kindRef('Application')), /cannot list/)
    const secrets = { group: '', version: 'v1', kind: 'Secret' }
    await refused(as(platformGroup('admin')).list(secrets, { namespace: systemNamespace }), /cannot list/)
    await refused(role('viewer').list(secrets, { namespace: mine.project }), /cannot list/)
  })
})
