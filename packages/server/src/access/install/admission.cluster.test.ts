import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { KubeClient } from '@flotilla/kube'
import {
  annotations,
  apiVersion,
  builtInRoles,
  type KubeObject,
  labels,
  platformGroup,
  projectGroup,
  revertGroup,
  systemNamespace,
  workspaceGroup,
} from '@flotilla/model'
import { writerOf } from '../../delivery/application/writer-of.ts'
import { application, kindRef } from '../../testing/open-hub.ts'
import { delivery, membership, openTenancy, project, refused } from './testing/open-tenancy.ts'

describe('admission in the host, for whoever comes with plain kubectl', async () => {
  const { hub, mine, others, as, role, inProject, grantByHand } = await openTenancy()
  after(() => hub[Symbol.asyncDispose]())

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
    // pausing is no edit, of whoever does it
    await another.patch(key, edit, through)
    const real = { type: 'merge', body: { spec: { pollSeconds: 77 } } } as const
    await refused(another.patch(key, real, through), /kept for what people do/)
    await another.patch(key, edit, { fieldManager: 'kubectl-edit' })
    const withEve = { type: 'merge', body: { metadata: { annotations: eve }, spec: { paused: false } } } as const
    await another.patch(key, withEve, through)
    const withMallory = {
      type: 'merge',
      body: { metadata: { annotations: { [annotations.changedBy]: 'mallory' } } },
    } as const
    await refused(role('developer').patch(key, withMallory), /names who writes/)
  })

  test('nobody edits under the name that Flotilla itself writes under', async () => {
    const own = { fieldManager: 'flotilla' }
    await refused(role('developer').create(application(mine.project, 'traced'), own), /what Flotilla itself does/)
    await role('developer').create(application(mine.project, 'traced'), { fieldManager: 'kubectl-create' })
    const key = { ...kindRef('Application'), namespace: mine.project, name: 'traced' }
    const edit = { type: 'merge', body: { spec: { pollSeconds: 77 } } } as const
    await refused(role('developer').patch(key, edit, own), /what Flotilla itself does/)
    const applied = application(mine.project, 'traced', { pollSeconds: 78 })
    await refused(role('developer').apply(applied, { ...own, force: true }), /what Flotilla itself does/)
    await role('developer').patch(key, { type: 'merge', body: { spec: { paused: true } } }, own)
    await role('developer').patch(key, edit, { fieldManager: 'kubectl-edit' })
    assert.match(writerOf(await hub.client.get(key)), /^outside Flotilla/)
    await hub.client.patch(key, { type: 'merge', body: { spec: { pollSeconds: 79 } } }, own)
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
    const hold = { since: '2026-01-01T00:00:00Z', reason: 'Orders are lost' }
    await refused(merge({ spec: { hold } }), /lifts a hold/)
    await inProject('developer').patch(key, { type: 'merge', body: { spec: { hold } } })
    await refused(merge({ spec: { hold: { reason: 'Another' } } }), /lifts a hold/)
    const before = writerOf(await operator.get(key))
    await operator.patch(key, { type: 'merge', body: { spec: { hold: null } } }, { fieldManager: 'hold-lift' })
    assert.equal(writerOf(await operator.get(key)), before, 'to lift it is not to write it')
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
