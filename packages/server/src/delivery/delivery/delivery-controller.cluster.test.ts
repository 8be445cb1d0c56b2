import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { fieldManager, group, type KubeObject, workspaceGroup } from '@flotilla/model'
import { readField } from './testing/read-field.ts'
import { openTarget, type TestTarget } from './testing/open-target.ts'
import { until } from '../../testing/until.ts'

const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: "${value}"\n`
const deployment = (name: string, image: string, replicas = 1): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - { name: main, image: "${image}", command: [sleep, infinity], resources: { requests: { cpu: 1m, memory: 4Mi } } }
`
const manifests = (...documents: string[]) => ({
  components: [{ name: 'web', manifests: { inline: documents.join('---\n') } }],
})
const value = (object: KubeObject | undefined): unknown => readField(object, 'data', 'value')

describe('delivering manifests', () => {
  let target: TestTarget
  before(async () => {
    target = await openTarget()
  })
  after(() => target.close())

  test('brings them, says that they are healthy, changes what changes and prunes what left', async () => {
    await target.writeApplication(
      'plain',
      manifests(configMap('a', '1'), configMap('b', '1'), deployment('web', 'busybox:1.35')),
    )
    const status = await target.settled('plain')
    assert.equal(status.health, 'Healthy')
    assert.deepEqual(
      status.components?.map(({ name, ready, wanted, images }) => [name, ready, wanted, images]),
      [['web', 1, 1, ['busybox:1.35']]],
    )
    const before = await target.find('ConfigMap', 'a')
    assert.equal(value(before), '1')
    const inventory = await target.find('ConfigMap', 'flotilla-inventory-plain')
    assert.match(String(readField(inventory, 'data', 'objects')), /"ConfigMap"/)

    const counts = target.server.deliveries.stats()
    await target.writeApplication(
      'plain',
      manifests(configMap('a', '2'), configMap('c', '1'), deployment('web', 'busybox:1.35')),
    )
    await target.settled('plain', { revision: 2 })
    assert.equal(value(await target.find('ConfigMap', 'a')), '2')
    assert.equal(await target.find('ConfigMap', 'b'), undefined)
    const now = target.server.deliveries.stats()
    assert.equal(now.applies - counts.applies, 2, 'only what changed is written')
  })

  test('says which image is not there, and settles when it is mended', async () => {
    await target.writeApplication('pull', manifests(deployment('pull', 'busybox:not-there')))
    const status = await target.waitFor(
      'pull',
      'says what is wrong',
      ({ message }) => message?.includes('busybox:not-there not found') === true,
    )
    assert.equal(status.phase, 'WaitingHealth')
    assert.equal(status.health, 'Degraded')
    assert.match(
      status.components?.[0]?.message ?? '',
      /0 of 1 pod available; pod pull-.*: image busybox:not-there not found/,
    )
    await target.writeApplication('pull', manifests(deployment('pull', 'busybox:1.35')))
    await target.settled('pull', { revision: 2 })
  })

  test('repairs what somebody changed or deleted', async () => {
    await target.writeApplication('drift', manifests(configMap('d1', '1'), configMap('d2', '1')))
    await target.settled('drift')
    const member = target.member()
    const key = { group: '', kind: 'ConfigMap', namespace: target.project, name: 'd1' }
    const started = Date.now()
    await member.patch(key, { type: 'merge', body: { data: { value: 'meddled' } } }, { fieldManager: 'mallory' })
    await member.delete({ ...key, name: 'd2' })
    await until(
      'both are repaired',
      async () =>
        value(await target.find('ConfigMap', 'd1')) === '1' && (await target.find('ConfigMap', 'd2')) !== undefined,
    )
    console.log(`# repaired in ${Date.now() - started} ms`)
    await target.waitFor('drift', 'has no drift', ({ drift }) => drift?.state === 'None')
  })

  test('only shows drift with driftPolicy Report, by field and without values', async () => {
    await target.writeApplication('report', { ...manifests(configMap('r', '1')), driftPolicy: 'Report' })
    await target.settled('report')
    const key = { group: '', kind: 'ConfigMap', namespace: target.project, name: 'r' }
    await target
      .member()
      .patch(key, { type: 'merge', body: { data: { value: 'meddled' } } }, { fieldManager: 'mallory' })
    const { drift } = await target.waitFor('report', 'shows drift', (status) => status.drift?.state === 'Drifted')
    assert.deepEqual(
      drift?.objects?.map(({ name, what, paths }) => [name, what, paths]),
      [['r', 'Changed', ['data.value']]],
    )
    // what others add beside our fields is no drift
    await target
      .member()
      .patch(key, { type: 'merge', body: { data: { value: '1', other: 'x' } } }, { fieldManager: 'mallory' })
    await target.waitFor('report', 'has no drift', (status) => status.drift?.state === 'None')
  })

  test('shows the difference between what is wanted and what runs, and what it does not know as such', async () => {
    await target.writeApplication('differs', {
      ...manifests(configMap('x1', '1'), configMap('x2', '1')),
      driftPolicy: 'Report',
    })
    await target.settled('differs')
    const member = target.member()
    const key = { group: '', kind: 'ConfigMap', namespace: target.project, name: 'x1' }
    await member.patch(key, { type: 'merge', body: { data: { value: 'meddled' } } }, { fieldManager: 'mallory' })
    await member.delete({ ...key, name: 'x2' })
    const { metadata } = await target.host.get({ group, kind: 'Workspace', name: 'retail' })
    const viewer = { user: 'flotilla:user:viewer', groups: [workspaceGroup(metadata.uid ?? '', 'viewer')] }
    const delivery = target.server.state.deliveries.get(target.namespace, 'differs.east')
    assert.ok(delivery)
    const ask = { deliveries: [delivery], components: undefined, signal: new AbortController().signal }
    const { items, failures, unchanged } = await target.server.deliveries.difference({ ...ask, by: viewer })
    assert.deepEqual(
      items.map(({ ref, change, paths }) => [ref.name, change, paths]),
      [
        ['x1', 'changed', ['data.value']],
        ['x2', 'added', []],
      ],
    )
    assert.match(items[0]?.diff ?? '', /-.*meddled[\s\S]*\+.*1/)
    assert.deepEqual([failures, unchanged], [[], 0])
    const stranger = await target.server.deliveries.difference({
      ...ask,
      by: { user: 'flotilla:user:nobody', groups: [] },
    })
    assert.deepEqual(stranger.items, [], 'who may not read the objects sees none of them')
    assert.equal(stranger.failures.length, 2)
  })

  test('leaves the number of replicas to an autoscaler, and takes it back from a person', async () => {
    await target.writeApplication('scaled', manifests(deployment('scaled', 'busybox:1.35', 1)))
    await target.settled('scaled')
    const key = { group: 'apps', kind: 'Deployment', namespace: target.project, name: 'scaled' }
    const replicas = async (): Promise<unknown> =>
      readField(await target.find('Deployment', 'scaled', 'apps'), 'spec', 'replicas')
    await target.member().scale(key, 3, { fieldManager: 'kubectl' })
    await until('a person is corrected', async () => (await replicas()) === 1)
    await target.member().scale(key, 2, { fieldManager: 'horizontal-pod-autoscaler' })
    await target.waitFor(
      'scaled',
      'sees two pods',
      ({ components, drift }) => components?.[0]?.wanted === 2 && drift?.state === 'None',
    )
    await target.writeApplication('scaled', manifests(deployment('scaled', 'busybox:1.35', 1).replace('4Mi', '5Mi')))
    await target.settled('scaled', { revision: 2 })
    assert.equal(await replicas(), 2, 'a new version leaves it alone as well')
  })

  test('refuses what is not ours, all of it at once, before anything is written', async () => {
    const foreign = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'theirs', namespace: target.project },
      data: { value: 'x' },
    }
    await target.member().apply(foreign, { fieldManager: 'mallory' })
    const cluster =
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: flotilla-test-never\nrules: []\n'
    await target.writeApplication('greedy', manifests(configMap('mine', '1'), cluster))
    const refused = await target.waitFor('greedy', 'fails', ({ phase }) => phase === 'Failed')
    assert.match(refused.message ?? '', /ClusterRole flotilla-test-never is cluster-scoped/)
    const broken = deployment('Broken_Name', 'busybox:1.35')
    await target.writeApplication('greedy', manifests(configMap('mine', '1'), configMap('theirs', '1'), broken))
    const { message = '' } = await target.waitFor(
      'greedy',
      'names both',
      (status) => status.message?.includes('theirs') === true,
    )
    assert.match(
      message,
      /ConfigMap .*\/theirs exists already, and Flotilla did not bring it\. Take it over with `flotilla adopt`/,
    )
    assert.match(message, /Broken_Name/)
    assert.equal(await target.find('ConfigMap', 'mine'), undefined)
    assert.equal(value(await target.find('ConfigMap', 'theirs')), 'x')
    // adopting is asked for by name of the cluster
    await target.writeApplication('greedy', manifests(configMap('mine', '1'), configMap('theirs', '1')), {
      'flotilla.dev/adopt': 'east',
    })
    await target.settled('greedy', { revision: 3, seconds: 60 })
    assert.equal(value(await target.find('ConfigMap', 'theirs')), '1')
  })

  test('says what to do where a field cannot change', async () => {
    await target.writeApplication('fixed', manifests(deployment('fixed', 'busybox:1.35')))
    await target.settled('fixed')
    await target.writeApplication(
      'fixed',
      manifests(deployment('fixed', 'busybox:1.35').replaceAll('app: fixed', 'app: other')),
    )
    const { message } = await target.waitFor('fixed', 'fails', ({ phase }) => phase === 'Failed')
    assert.match(message ?? '', /Deployment .*\/fixed: Kubernetes does not let this field change/)
    assert.match(message ?? '', /Delete Deployment .*\/fixed if it may be made anew/)
  })

  test('removes what it brought, and nothing else', async () => {
    await target.writeApplication('gone', manifests(configMap('g1', '1'), deployment('gone', 'busybox:1.35')))
    await target.settled('gone')
    const stranger = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'stranger', namespace: target.project } }
    await target.member().apply(stranger, { fieldManager })
    await target.deleteApplication('gone')
    await until('the delivery is gone', async () => (await target.getDelivery('gone')) === undefined)
    assert.equal(await target.find('ConfigMap', 'g1'), undefined)
    assert.equal(await target.find('Deployment', 'gone', 'apps'), undefined)
    assert.equal(await target.find('ConfigMap', 'flotilla-inventory-gone'), undefined)
    assert.ok(await target.find('ConfigMap', 'stranger'))
  })

  test('leaves what it brought with deletionPolicy Keep, and knows it no more', async () => {
    await target.writeApplication('kept', { ...manifests(configMap('k1', '1')), deletionPolicy: 'Keep' })
    await target.settled('kept')
    await target.deleteApplication('kept')
    await until('the delivery is gone', async () => (await target.getDelivery('kept')) === undefined)
    const left = await target.find('ConfigMap', 'k1')
    assert.equal(value(left), '1')
    assert.equal(left?.metadata.labels?.['flotilla.dev/delivery'], undefined)
  })

  test('after a restart writes nothing where nothing changed', async () => {
    await target.writeApplication('calm', manifests(configMap('q1', '1'), deployment('calm', 'busybox:1.35')))
    await target.settled('calm')
    const before = await target.find('Deployment', 'calm', 'apps')
    await target.restart()
    await until('it was looked at', async () => target.server.deliveries.stats().reads > 3)
    await target.settled('calm')
    const { applies, statusWrites } = target.server.deliveries.stats()
    assert.deepEqual({ applies, statusWrites }, { applies: 0, statusWrites: 0 })
    assert.equal((await target.find('Deployment', 'calm', 'apps'))?.metadata.generation, before?.metadata.generation)
  })
})
