import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { KubeObject } from '@flotilla/model'
import { openTarget, type TestTarget } from './testing/open-target.ts'
import { until } from '../../testing/until.ts'
import { readField } from './testing/read-field.ts'

const templates = {
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

describe('a cluster that is cut off during a delivery', () => {
  let target: TestTarget
  before(async () => {
    target = await openTarget()
  })
  after(() => target.close())

  const east = () => {
    const cluster = target.fleet.clusters['east']
    assert.ok(cluster)
    return cluster
  }
  const job = (name: string): Promise<KubeObject | undefined> => target.find('Job', `${name}-slow`, 'batch')

  /** Delivers, and cuts while the hook of 3 s runs. */
  async function cutInHook(name: string): Promise<KubeObject> {
    const chart = await target.pushChart(name, '1.0.0', templates)
    await target.writeApplication(name, { components: [{ name, helm: { chart } }] })
    const created = await until('the hook is there', () => job(name))
    await east().cut()
    const { status } = (await target.getDelivery(name)) ?? {}
    assert.equal(status?.phase, 'PreHooks', 'it was cut in the midst of it')
    assert.equal(status.attempt?.hook?.name, `${name}-slow`)
    assert.equal(status.attempt.hook.outcome, undefined)
    return created
  }

  test('goes on where it was when it heals: the hook ran once, and everything is there', async () => {
    let created: KubeObject
    try {
      created = await cutInHook('midway')
      const { unknownSince, phase } = await target.waitFor('midway', 'is unknown', ({ health }) => health === 'Unknown')
      assert.ok(unknownSince)
      assert.equal(phase, 'PreHooks')
    } finally {
      await east().heal()
    }
    const healed = Date.now()
    await target.settled('midway', { seconds: 60 })
    console.log(`# settled ${Date.now() - healed} ms after healing`)
    assert.equal((await job('midway'))?.metadata.uid, created.metadata.uid, 'the hook was not run again')
    assert.equal(readField(await target.find('ConfigMap', 'midway-a'), 'data', 'value'), '1')
  })

  test('and whose delivery is removed meanwhile lets go of the hook when it heals', async () => {
    try {
      const { metadata } = await cutInHook('left')
      assert.deepEqual(metadata.finalizers, ['flotilla.dev/hook'])
      await until('the cluster is lost', async () => target.server.fleet.get('east')?.connection.state === 'lost')
      await target.deleteApplication('left')
      await until('the delivery is gone', async () => (await target.getDelivery('left')) === undefined)
    } finally {
      await east().heal()
    }
    await until('nothing holds the job', async () => (await job('left'))?.metadata.finalizers === undefined)
    assert.equal(await target.find('ConfigMap', 'left-a'), undefined)
  })
})
