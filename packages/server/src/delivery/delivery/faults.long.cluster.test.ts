import assert from 'node:assert/strict'
import { copyFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createFaultProxy, type SeenRequest } from '@flotilla/kube/testing/fault-proxy'
import { group, systemNamespace } from '@flotilla/model'
import { openTarget, type TestTarget } from './testing/open-target.ts'
import { until } from '../../testing/until.ts'
import { readField } from './testing/read-field.ts'

const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: "${value}"\n`
const manifests = (...documents: string[]) => ({
  components: [{ name: 'web', manifests: { inline: documents.join('---\n') } }],
})

describe('what goes wrong around a delivery', () => {
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

  test('a cluster that is cut off is Unknown since when, holds up no other, loses nothing, and converges by itself within 10 s of its healing', async () => {
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

  test('a cluster that is cut off does not hold up a deletion; what was left is swept when it is back, and nothing else', async () => {
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

  test('an API server that answers 429, then 500, then nothing gets the delivery all the same, and no other waits for it', async () => {
    const proxy = await createFaultProxy(target.connectionOf('east'), { tls: true })
    try {
      await target.readdress('east', proxy.connection)
      const connected = async () => target.server.fleet.get('east')?.connection.state === 'connected'
      await until('it is dialled there', async () => proxy.seen.length > 0 && (await connected()))
      let asked: { readonly path: string; readonly at: number } | undefined
      let hung = false
      const isApply = ({ method, path }: SeenRequest): boolean =>
        method === 'PATCH' && /\/configmaps\/f\d\?/.test(path) && !path.includes('dryRun')
      const match = isApply
      const first = (request: SeenRequest): boolean => isApply(request) && Boolean((asked ??= request))
      proxy.rule({ match: first, times: 1, fault: { kind: 'status', status: 429, retryAfter: 2 } })
      proxy.rule({ match, times: 4, fault: { kind: 'status', status: 500 } })
      proxy.rule({ match: (request) => isApply(request) && (hung = true), times: 1, fault: { kind: 'hang' } })
      await target.writeApplication('faulty', manifests(...['f1', 'f2', 'f3'].map((name) => configMap(name, '1'))))
      await until('one request hangs', async () => hung)
      await target.settled('faulty', { cluster: 'west' })
      const { phase } = (await target.getDelivery('faulty', 'east'))?.status ?? {}
      assert.notEqual(phase, 'Settled')
      // who hangs is ended some time
      proxy.cutAll()
      await target.settled('faulty', { cluster: 'east', seconds: 60 })
      for (const name of ['f1', 'f2', 'f3']) assert.equal(await value(name, 'east'), '1')
      const again = proxy.seen.find((request) => request.path === asked?.path && request.at > asked.at)
      assert.ok(again !== undefined && again.at - (asked?.at ?? 0) >= 2_000, 'Retry-After is honoured')
    } finally {
      await target.readdress('east', target.connectionOf('east'))
      await proxy[Symbol.asyncDispose]()
    }
  })

  test('a database that was restored from an older snapshot prunes nothing, and the history goes on after what it lost', async () => {
    const data = (name: string): string => path.join(target.options.dataDir, name)
    const uids = async (): Promise<unknown[]> =>
      Promise.all(['r1', 'r2', 'r3'].map(async (name) => (await target.find('ConfigMap', name))?.metadata.uid))
    const write = (...names: string[]) =>
      target.writeApplication('restored', manifests(...names.map((name) => configMap(name, '1'))))
    await write('r1', 'r2')
    await target.settled('restored', { revision: 1 })
    await target.restart(() => copyFile(data('flotilla.db'), data('snapshot')))
    await write('r1', 'r3')
    await target.settled('restored', { revision: 2 })
    const before = await uids()
    assert.deepEqual(before.map(Boolean), [true, false, true])
    await target.restart(async () => {
      for (const file of ['flotilla.db', 'flotilla.db-wal', 'flotilla.db-shm']) await rm(data(file), { force: true })
      await copyFile(data('snapshot'), data('flotilla.db'))
    })
    const application = await until('it has a place in the history again', async () => {
      const found = target.server.state.applications.get(target.namespace, 'restored')
      return found?.status?.revision === 3 ? found : undefined
    })
    await target.settled('restored')
    assert.deepEqual(await uids(), before, 'what runs is what ran')
    await write('r1', 'r2')
    await target.settled('restored', { revision: 4 })
    assert.deepEqual((await uids()).map(Boolean), [true, true, false], 'it prunes again, what it knows')
    const { uid = '' } = application.metadata
    const kept = await target.server.store.revisions.list(uid, { limit: 10 })
    assert.deepEqual(
      kept.map(({ revision }) => revision),
      [4, 3, 1],
    )
  })
})
