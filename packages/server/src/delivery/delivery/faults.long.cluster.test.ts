import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { group, systemNamespace } from '@flotilla/model'
import { openTarget, type TestTarget, until } from './testing/open-target.ts'
import { readField } from './testing/read-field.ts'

const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: "${value}"\n`
const manifests = (...documents: string[]) => ({
  components: [{ name: 'web', manifests: { inline: documents.join('---\n') } }],
})

describe('a cluster that is cut off', () => {
  let target: TestTarget
  before(async () => {
    target = await openTarget({ members: ['east', 'west'] })
  })
  after(() => target.close())

  const east = () => {
    const cluster = target.fleet.clusters['east']
    assert.ok(cluster)
    return cluster
  }
  const value = async (name: string, cluster: string): Promise<unknown> =>
    readField(await target.find('ConfigMap', name, '', cluster), 'data', 'value')

  test('is Unknown since when, holds up no other, loses nothing, and converges by itself within 10 s of its healing', async () => {
    await target.writeApplication('shop', manifests(configMap('a', '1'), configMap('b', '1')))
    await target.settled('shop', { cluster: 'east' })
    await target.settled('shop', { cluster: 'west' })
    await east().cut()
    try {
      await target.writeApplication('shop', manifests(configMap('a', '2'), configMap('c', '1')))
      await target.settled('shop', { cluster: 'west', revision: 2 })
      assert.equal(await value('a', 'west'), '2')
      const status = await target.waitFor('shop', 'is unknown', ({ health }) => health === 'Unknown', {
        cluster: 'east',
      })
      assert.ok(status.unknownSince)
      assert.equal(status.components?.[0]?.health, 'Healthy', 'what was seen last stays')
      assert.match(status.message ?? '', /Not seen since .*Seen last: Healthy/s)
    } finally {
      await east().heal()
    }
    const healed = Date.now()
    await target.settled('shop', { cluster: 'east', revision: 2, seconds: 30 })
    const took = Date.now() - healed
    console.log(`# converged ${took} ms after healing`)
    assert.ok(took < 10_000, `${took} ms`)
    assert.equal(await value('a', 'east'), '2')
    assert.equal(await value('b', 'east'), undefined)
    const { unknownSince, health } = await target.waitFor(
      'shop',
      'is seen',
      (status) => status.unknownSince === undefined,
      { cluster: 'east' },
    )
    assert.deepEqual([unknownSince, health], [undefined, 'Healthy'])
  })

  test('does not hold up a deletion; what was left is swept when it is back, and nothing else', async () => {
    await target.writeApplication('leaves', manifests(configMap('l1', '1'), configMap('l2', '1')))
    await target.settled('leaves', { cluster: 'east' })
    await target.member('east').create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'stranger', namespace: target.project },
    })
    await east().cut()
    try {
      await until('the cluster is lost', async () => target.server.fleet.get('east')?.connection.state === 'lost')
      await target.deleteApplication('leaves')
      await until(
        'the deliveries are gone',
        async () =>
          (await target.getDelivery('leaves', 'east')) === undefined &&
          (await target.getDelivery('leaves', 'west')) === undefined,
      )
      const { items } = await target.host.list(
        { group: '', kind: 'ConfigMap' },
        { namespace: systemNamespace, labelSelector: 'flotilla.dev/managed=orphan' },
      )
      assert.equal(items.length, 1, 'what was left is remembered')
    } finally {
      await east().heal()
    }
    await until(
      'it is swept',
      async () =>
        (await target.find('ConfigMap', 'l1')) === undefined && (await target.find('ConfigMap', 'l2')) === undefined,
    )
    await until('nothing is remembered any more', async () => {
      const { items } = await target.host.list(
        { group: '', kind: 'ConfigMap' },
        { namespace: systemNamespace, labelSelector: 'flotilla.dev/managed=orphan' },
      )
      return items.length === 0
    })
    assert.ok(await target.find('ConfigMap', 'stranger'))
    assert.equal(
      await target.host.find({ group, kind: 'Application', namespace: target.namespace, name: 'leaves' }),
      undefined,
    )
  })
})
