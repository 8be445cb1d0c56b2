import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { platformGroup, projectGroup, systemNamespace, workspaceGroup } from '@flotilla/model'
import { kindRef } from '../../testing/open-hub.ts'
import { customRole, membership, openTenancy, refused } from './testing/open-tenancy.ts'

describe('roles at the admission of the host', async () => {
  const { hub, mine, others, as, role, inProject, grantByHand } = await openTenancy()
  after(() => hub[Symbol.asyncDispose]())

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
})
