import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { annotations, group, labels, systemNamespace } from '@flotilla/model'
import { openTarget, type TestTarget } from './testing/open-target.ts'
import { until } from '../../testing/until.ts'
import { readField } from './testing/read-field.ts'

const manifests = (name: string) => ({
  components: [
    { name: 'web', manifests: { inline: `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata: {}\n` } },
  ],
})
const roleBinding = { group: 'rbac.authorization.k8s.io', kind: 'RoleBinding', name: 'flotilla:delivery' }

describe('a removal always ends', () => {
  let target: TestTarget
  before(async () => {
    target = await openTarget({ members: ['east', 'west'] })
  })
  after(() => target.close())

  const gone = (application: string, cluster: string) =>
    until('the delivery is gone', async () => (await target.getDelivery(application, cluster)) === undefined)
  const removeCluster = async (name: string, objects: 'keep' | 'delete') => {
    const key = { group, kind: 'Cluster', name }
    await target.host.patch(key, {
      type: 'merge',
      body: { metadata: { annotations: { [annotations.objects]: objects } } },
    })
    await target.host.delete(key)
    return until('the cluster is gone', async () => (await target.host.find(key)) === undefined)
  }
  const bar = async (cluster: string) => {
    const member = target.member(cluster)
    const nothing = Object.fromEntries([labels.managed, labels.owner, labels.project].map((key) => [key, null]))
    const namespace = { group: '', kind: 'Namespace', name: target.project }
    await member.patch(namespace, { type: 'merge', body: { metadata: { labels: nothing } } })
    await member.delete({ ...roleBinding, namespace: target.project })
  }

  test('without rights in the member it says what to do, and keep gets through', async () => {
    await target.writeApplication('barred', manifests('barred'))
    await target.settled('barred', { cluster: 'east' })
    await target.settled('barred', { cluster: 'west' })
    await bar('east')
    await target.deleteApplication('barred')
    await gone('barred', 'west')
    const status = await target.waitFor(
      'barred',
      'says why',
      ({ message }) => message?.includes('--objects keep') === true,
      {
        cluster: 'east',
        seconds: 60,
      },
    )
    assert.match(
      readField({ ...status }, 'conditions', '0', 'message')?.toString() ?? status.message ?? '',
      /forbidden/,
    )
    await target.host.patch(
      { group, kind: 'Application', namespace: target.namespace, name: 'barred' },
      { type: 'merge', body: { spec: { deletionPolicy: 'Keep' } } },
      { fieldManager: 'alice' },
    )
    await gone('barred', 'east')
    assert.ok(await target.find('ConfigMap', 'barred'), 'it was kept')
    await until('nothing is left to be swept', async () => {
      const options = { namespace: systemNamespace, labelSelector: `${labels.managed}=orphan` }
      return (await target.host.list({ group: '', kind: 'ConfigMap' }, options)).items.length === 0
    })
    // its administrator hands the namespace back
    const handed = { metadata: { annotations: { [annotations.adopt]: target.project } } }
    await target
      .member('east')
      .patch({ group: '', kind: 'Namespace', name: target.project }, { type: 'merge', body: handed })
    await until('the rights are back', () => target.member('east').find({ ...roleBinding, namespace: target.project }))
  })

  test('a binding that is missing while the cluster is removed is put back, and everything goes', async () => {
    await target.writeApplication('bound', manifests('bound'))
    await target.settled('bound', { cluster: 'west' })
    await target.member('west').delete({ ...roleBinding, namespace: target.project })
    await removeCluster('west', 'delete')
    assert.equal(await target.find('ConfigMap', 'bound', '', 'west'), undefined)
  })

  test('a member that is cut holds up neither cluster remove nor delete', async () => {
    const east = target.fleet.clusters['east']
    assert.ok(east)
    await target.settled('bound', { cluster: 'east' })
    await east.cut()
    try {
      await until('the cluster is lost', async () => target.server.fleet.get('east')?.connection.state === 'lost')
      await removeCluster('east', 'delete')
      await target.deleteApplication('bound')
      await until(
        'the application is gone',
        async () =>
          (await target.host.find({ group, kind: 'Application', namespace: target.namespace, name: 'bound' })) ===
          undefined,
      )
    } finally {
      await east.heal()
    }
  })
})

describe('a member whose namespace went first', () => {
  let target: TestTarget
  before(async () => {
    target = await openTarget({ members: ['east'] })
  })
  after(() => target.close())

  test('holds up no removal of the cluster', async () => {
    await target.writeApplication('lost', manifests('lost'))
    await target.settled('lost')
    const key = { group, kind: 'Cluster', name: 'east' }
    await target.server.stop()
    const namespace = { group: '', kind: 'Namespace', name: target.project }
    await target.member().delete(namespace)
    await until('the namespace is gone', async () => (await target.member().find(namespace)) === undefined)
    const wish = { metadata: { annotations: { [annotations.objects]: 'delete' } } }
    await target.host.patch(key, { type: 'merge', body: wish })
    await target.host.delete(key)
    await target.restart()
    await until('the cluster is gone', async () => (await target.host.find(key)) === undefined)
    assert.equal(await target.getDelivery('lost'), undefined)
  })
})
