import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { randomBytes } from 'node:crypto'
import { openWorld, until } from './testing/open-world.ts'

type World = Awaited<ReturnType<typeof openWorld>>

const unique = (): string => randomBytes(3).toString('hex')
const templates = {
  'values.yaml': 'replicas: 1\ngreeting: hello\n',
  'templates/config.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  greeting: {{ .Values.greeting | quote }}\n  replicas: {{ .Values.replicas | quote }}\n  version: {{ .Capabilities.KubeVersion.Version }}\n',
}

describe('applications on a real host, rendered by the real worker', () => {
  let world: World
  before(async () => {
    world = await openWorld()
  })
  after(() => world.close())

  test('a chart becomes one Delivery per target, with what differs, and says when it is healthy', async () => {
    const name = `app-${unique()}`
    const oci = await world.pushChart(name, '1.0.0', templates)
    await world.writeApplication(name, {
      components: [{ name: 'web', helm: { chart: { oci } }, values: { replicas: 2 } }],
      overrides: [{ name: 'us', clusters: { selector: { matchLabels: { region: 'us' } } }, values: { replicas: 5 } }],
    })
    const west = await until('west is wanted', async () => (await world.getDelivery(`${name}.west`))?.spec.desired)
    const east = await until('east is wanted', async () => (await world.getDelivery(`${name}.east`))?.spec.desired)
    assert.deepEqual([east.revision, west.revision], [1, 1])
    assert.deepEqual([east.components[0]?.ownOverrides, west.components[0]?.ownOverrides], [0, 1])
    const set = await world.server.sets.get(west.components[0]?.digest ?? '')
    assert.equal(set?.objects[0]?.metadata.namespace, world.projectName)
    assert.deepEqual(set?.objects[0]?.['data'], { greeting: 'hello', replicas: '5', version: 'v1.36.3' })
    const revision = await world.server.store.revisions.latest((await world.getApplication(name)).metadata.uid ?? '')
    assert.equal(revision?.by, 'alice')
    assert.deepEqual(Object.keys(revision?.targets ?? {}), [`east/${world.projectName}`, `west/${world.projectName}`])
    await world.deliver(`${name}.east`)
    await world.deliver(`${name}.west`)
    const { status } = await until('it is healthy', async () => {
      const application = await world.getApplication(name)
      return application.status?.conditions?.[0]?.status === 'True' ? application : undefined
    })
    assert.equal(status?.message, 'Healthy in all 2 targets')
    assert.deepEqual(status?.targets, { total: 2, current: 2, healthy: 2, unknown: 0 })
  })
})
