import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createKubeClient, type KubeClient } from '@flotilla/kube'
import {
  apiVersion,
  asFlotillaError,
  customRole,
  type CustomRole,
  group,
  type KubeObject,
  projectGroup,
  refOf,
} from '@flotilla/model'
import { memberPolicies } from '@flotilla/reconcile'
import { openTarget, type TestTarget } from '../delivery/delivery/testing/open-target.ts'
import { until } from '../testing/until.ts'

const rbac = 'rbac.authorization.k8s.io'
const allGrants = ['applications.see', 'applications.release', 'pods.see', 'pods.logs']

/** What people of a project and a hostile administrator of one meet, with their own kubectl. */
describe('custom roles and bindings, in a real host and a real cluster', () => {
  let target: TestTarget
  let projectUid = ''
  let roleUid = ''
  before(async () => {
    target = await openTarget()
    const key = { group, kind: 'Project', namespace: 'ws-retail', name: target.project }
    projectUid = (await target.host.get(key)).metadata.uid ?? ''
  })
  after(async () => {
    const connection = target.connectionOf('east')
    await target.close()
    const client = createKubeClient({ name: 'east', connection, userAgent: 'flotilla-test' })
    const policies = memberPolicies({}).map((policy) => client.find(refOf(policy)))
    assert.deepEqual(await Promise.all(policies), Array(4).fill(undefined), 'they go with the cluster')
    await client.close()
  })

  const roleKey = () => ({ group, kind: 'CustomRole', namespace: target.namespace, name: 'releaser' })
  const readRole = () => target.host.get<KubeObject & CustomRole>(roleKey())
  const as = (client: KubeClient, role: string) =>
    client.as({ user: 'flotilla:user:test-roles', groups: [projectGroup(projectUid, role)] })
  const inMember = () => as(target.member(), customRole(roleUid))
  const inHost = () => as(target.host, customRole(roleUid))
  const may = async (client: KubeClient, verb: string, resource: string, of = '', namespace = target.project) => {
    const [plural, subresource] = resource.split('/')
    const asked = { verb, group: of, resource: plural, subresource, namespace }
    const answer = await client.create({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: { name: '' },
      spec: { resourceAttributes: asked },
    })
    return (answer['status'] as { allowed?: boolean }).allowed === true
  }
  const patchRole = (spec: object) =>
    as(target.host, 'admin').patch(roleKey(), { type: 'merge', body: { spec } }, { fieldManager: 'person' })
  const memberRole = () => ({ group: rbac, kind: 'Role', namespace: target.project, name: `flotilla:role:${roleUid}` })
  const refusal = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'it was taken',
      (thrown: unknown) => asFlotillaError(thrown).message,
    )

  test('a role that the administrator of the project makes is in force in the host and in its clusters', async () => {
    const made = await as(target.host, 'admin').create({
      apiVersion,
      kind: 'CustomRole',
      metadata: { name: 'releaser', namespace: target.namespace },
      spec: { grants: allGrants },
    })
    roleUid = made.metadata.uid ?? ''
    await until('it is in force', async () => {
      const { status } = await readRole()
      return status?.conditions?.[0]?.status === 'True' && status.clusters?.[0]?.state === 'Ready'
    })
    await until('the cluster heard of it', () => may(inMember(), 'get', 'pods/log'))
    assert.equal(await may(inMember(), 'delete', 'pods'), false)
    assert.equal(await may(inMember(), 'create', 'pods/exec'), false)
    assert.equal(await may(inMember(), 'list', 'secrets'), false)
    await until('the host heard of it', () => may(inHost(), 'update', 'applications', group, target.namespace))
    assert.equal(await may(inHost(), 'edit', 'applications', group, target.namespace), false)
    assert.equal(await may(inHost(), 'list', 'secrets', '', target.namespace), false)
  })

  test('a change acts for whoever has it; what is changed behind our back is put back', async () => {
    await patchRole({ grants: [...allGrants, 'pods.restart'] })
    await until('they may restart', () => may(inMember(), 'delete', 'pods'))
    const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]
    await target.member().patch(memberRole(), { type: 'merge', body: { rules } })
    await until('it is put back', async () => !JSON.stringify(await target.member().get(memberRole())).includes('"*"'))
    await target.member().delete(memberRole())
    await until('it is made anew', () => target.member().find(memberRole()))
    await patchRole({ grants: allGrants })
    await until('they may no longer', async () => !(await may(inMember(), 'delete', 'pods')))
  })

  test('rules that the administrator has not are refused by the cluster itself, and what was given stays', async () => {
    const beyond = [{ apiGroups: [''], resources: ['resourcequotas'], verbs: ['delete'] }]
    await patchRole({ rules: beyond })
    const said = await until('the refusal', async () => {
      const { status } = await readRole()
      return status?.clusters?.[0]?.state === 'Refused' ? status : undefined
    })
    assert.match(said.conditions?.[0]?.message ?? '', /not currently held/)
    assert.match(said.clusters?.[0]?.message ?? '', /resourcequotas/)
    assert.equal(await may(inMember(), 'delete', 'resourcequotas'), false)
    assert.equal(await may(inMember(), 'get', 'pods/log'), true)
    await patchRole({ rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }] })
    await until('what they have is taken', () => may(inMember(), 'get', 'configmaps'))
    assert.equal(await may(inMember(), 'list', 'configmaps'), false)
  })

  test('a role that somebody has is not deleted, and says who has it; then nothing of it is left', async () => {
    const membership = {
      apiVersion,
      kind: 'Membership',
      metadata: { name: 'dora', namespace: target.namespace },
      spec: { user: 'dora', role: 'releaser' },
    }
    await as(target.host, 'admin').create(membership)
    await until('who has it is known', async () => (await readRole()).status?.givenTo?.includes('dora'))
    assert.match(await refusal(as(target.host, 'admin').delete(roleKey())), /given to dora.*take it from them/)
    await target.host.delete({ group, kind: 'Membership', namespace: target.namespace, name: 'dora' })
    await until('nobody has it', async () => (await readRole()).status?.givenTo?.length === 0)
    await as(target.host, 'admin').delete(roleKey())
    await until('it is gone', async () => (await target.host.find(roleKey())) === undefined)
    const name = `flotilla:role:${roleUid}`
    for (const kind of ['Role', 'RoleBinding']) {
      const at = { group: rbac, kind, name }
      await until(
        `no ${kind} is left`,
        async () =>
          (await target.member().find({ ...at, namespace: target.project })) === undefined &&
          (await target.host.find({ ...at, namespace: target.namespace })) === undefined,
      )
    }
  })

  test('a hostile administrator of a project gives nobody rights behind Flotilla, and takes none away', async () => {
    const hostile = as(target.member(), 'admin')
    const binding = (subjects: object[], name = 'mine'): KubeObject => ({
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: { name, namespace: target.project },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'view' },
      subjects,
    })
    const dryRun = { dryRun: true }
    const ours = [
      { kind: 'Group', apiGroup: rbac, name: projectGroup(projectUid, 'viewer') },
      { kind: 'User', apiGroup: rbac, name: 'flotilla:user:somebody' },
    ]
    await until('the policies are in force', async () =>
      /Membership/.test(await refusal(hostile.create(binding(ours), dryRun))),
    )
    for (const subject of ours)
      assert.match(await refusal(hostile.create(binding([subject]), dryRun)), /given by Flotilla only/)
    // whom Flotilla does not know they may give what they have, as ever
    const stranger = { kind: 'User', apiGroup: rbac, name: 'stranger' }
    await hostile.create(binding([stranger]))
    const key = { group: rbac, kind: 'RoleBinding', namespace: target.project, name: 'mine' }
    const widened = { type: 'merge', body: { subjects: [stranger, ...ours] } } as const
    assert.match(await refusal(hostile.patch(key, widened)), /given by Flotilla only/)
    await hostile.delete(key)
    for (const name of ['flotilla:admin', 'flotilla:viewer', 'flotilla:delivery']) {
      const own = { ...key, name }
      assert.match(await refusal(hostile.delete(own)), /Flotilla keeps this object/)
      // a role of which they have not all is not theirs to bind anyway
      if (name === 'flotilla:delivery') continue
      assert.match(
        await refusal(hostile.patch(own, { type: 'merge', body: { subjects: [stranger] } })),
        /Flotilla keeps/,
      )
      const label = { metadata: { labels: { 'flotilla.dev/managed': null } } }
      assert.match(await refusal(hostile.patch(own, { type: 'merge', body: label })), /Flotilla keeps/)
    }
    // not even an administrator of the platform, who has all rights there, goes around Memberships
    const platform = target.member().as({ user: 'flotilla:user:test-ada', groups: ['flotilla:platform:admin'] })
    assert.match(await refusal(platform.create(binding(ours), dryRun)), /given by Flotilla only/)
    // the cluster's own administrator gets out
    await target.member().create(binding(ours), dryRun)
  })
})
