import assert from 'node:assert/strict'
import { copyFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createFaultProxy, type SeenRequest } from '@flotilla/kube/testing/fault-proxy'
import { group, type KubeObject, systemNamespace } from '@flotilla/model'
import { openTarget, type TestTarget } from './testing/open-target.ts'
import { until } from '../../testing/until.ts'
import { readField } from './testing/read-field.ts'

const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: "${value}"\n`
const manifests = (...documents: string[]) => ({
  components: [{ name: 'web', manifests: { inline: documents.join('---\n') } }],
})

/** A chart whose installation waits for a hook of 3 s. */
const slowChart = {
  'templates/hook.yaml': `apiVersion: batch/v1
kind: Job
metadata:
  name: "{{ .Release.Name }}-slow"
  annotations: { helm.sh/hook: pre-install }
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 0
      containers:
        - { name: slow, image: "busybox:1.35", command: [sleep, "3"], resources: { requests: { cpu: 1m } } }
`,
  'templates/a.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "{{ .Release.Name }}-a"\ndata:\n  value: "1"\n',
}

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

  const job = (name: string): Promise<KubeObject | undefined> => target.find('Job', `${name}-slow`, 'batch')
  const readOrphans = async (): Promise<readonly KubeObject[]> => {
    const options = { namespace: systemNamespace, labelSelector: 'flotilla.dev/managed=orphan' }
    return (await target.host.list({ group: '', kind: 'ConfigMap' }, options)).items
  }

  test('a cluster that is cut off while hooks run and while things are deleted: what goes on runs no hook twice, and what was left is swept when it is back', async () => {
    await target.writeApplication('leaves', manifests(configMap('l1', '1'), configMap('l2', '1')))
    await target.settled('leaves', { cluster: 'east' })
    const stranger = { name: 'stranger', namespace: target.project }
    await target.member('east').create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: stranger })
    const chart = await target.pushChart('slow', '1.0.0', slowChart)
    const hooked = ['midway', 'left'] as const
    const placement = { clusters: { names: ['east'] } }
    for (const name of hooked)
      await target.writeApplication(name, { components: [{ name, helm: { chart } }], placement })
    const [midway, left] = await Promise.all(hooked.map((name) => until('the hook is there', () => job(name))))
    await east().cut()
    try {
      for (const name of hooked) {
        const { status } = (await target.getDelivery(name)) ?? {}
        assert.equal(status?.phase, 'PreHooks', `${name} was cut in the midst of it`)
        assert.equal(status.attempt?.hook?.name, `${name}-slow`)
        assert.equal(status.attempt.hook.outcome, undefined)
      }
      assert.deepEqual(left?.metadata.finalizers, ['flotilla.dev/hook'])
      const { unknownSince, phase } = await target.waitFor('midway', 'is unknown', ({ health }) => health === 'Unknown')
      assert.ok(unknownSince)
      assert.equal(phase, 'PreHooks')
      await until('the cluster is lost', async () => target.server.fleet.get('east')?.connection.state === 'lost')
      for (const name of ['leaves', 'left']) {
        await target.deleteApplication(name)
        for (const cluster of ['east', 'west'])
          await until('the delivery is gone', async () => (await target.getDelivery(name, cluster)) === undefined)
      }
      assert.equal((await readOrphans()).length, 2, 'what was left is remembered')
    } finally {
      await east().heal()
    }
    await target.settled('midway', { seconds: 60 })
    assert.equal((await job('midway'))?.metadata.uid, midway?.metadata.uid, 'the hook was not run again')
    assert.equal(readField(await target.find('ConfigMap', 'midway-a'), 'data', 'value'), '1')
    await until('nothing holds the job', async () => (await job('left'))?.metadata.finalizers === undefined)
    assert.equal(await target.find('ConfigMap', 'left-a'), undefined)
    for (const name of ['l1', 'l2'])
      await until('it is swept', async () => (await target.find('ConfigMap', name)) === undefined)
    await until('nothing is remembered any more', async () => (await readOrphans()).length === 0)
    assert.ok(await target.find('ConfigMap', 'stranger'))
    const key = { group, kind: 'Application', namespace: target.namespace, name: 'leaves' }
    assert.equal(await target.host.find(key), undefined)
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
