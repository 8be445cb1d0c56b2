import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openTarget, type TestTarget } from './testing/open-target.ts'
import { readField } from './testing/read-field.ts'

const configMap = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: "1"\n${more}`
const deployment = (value: string): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: twice
spec:
  replicas: 0
  selector:
    matchLabels: { app: twice }
  template:
    metadata:
      labels: { app: twice }
    spec:
      containers:
        - name: web
          image: registry.k8s.io/pause:3.10
          env:
            - { name: A, value: first }
            - { name: A, value: "${value}" }
          ports:
            - { name: http, containerPort: 80 }
            - { name: metrics, containerPort: 80 }
`
const inline = (...documents: string[]) => ({
  components: [{ name: 'web', manifests: { inline: documents.join('---\n') } }],
})

describe('objects that server-side apply refuses', () => {
  let target: TestTarget
  before(async () => {
    target = await openTarget()
  })
  after(() => target.close())

  test('a field that the kind does not have is named, with the object, and nothing is written', async () => {
    await target.writeApplication('nope', inline(configMap('n1'), configMap('n2', 'nope: {}\n')))
    const { message } = await target.waitFor('nope', 'failed', ({ phase }) => phase === 'Failed', { seconds: 30 })
    assert.match(message ?? '', /ConfigMap .*n2: .*\.nope: field not declared in schema/s)
    assert.equal(await target.find('ConfigMap', 'n1'), undefined)
  })

  test('keys that a list has twice come as a create brings them, with a warning, and change later', async () => {
    const env = async (): Promise<unknown> => {
      const found = await target.find('Deployment', 'twice', 'apps')
      return readField(found, 'spec', 'template', 'spec', 'containers')
    }
    const seen = async (): Promise<unknown> => {
      const containers = await env()
      return Array.isArray(containers) ? readField(containers[0], 'env') : undefined
    }
    await target.writeApplication('twice', inline(deployment('last')))
    const { findings } = await target.settled('twice', { seconds: 60 })
    assert.deepEqual(
      findings?.map(({ code }) => code),
      ['delivery.double_key'],
    )
    assert.deepEqual(await seen(), [
      { name: 'A', value: 'first' },
      { name: 'A', value: 'last' },
    ])
    await target.writeApplication('twice', inline(deployment('newest')))
    await target.settled('twice', { seconds: 60, revision: 2 })
    assert.deepEqual(await seen(), [
      { name: 'A', value: 'first' },
      { name: 'A', value: 'newest' },
    ])
    const once = deployment('newest')
      .replace('            - { name: A, value: first }\n', '')
      .replace(/.*metrics.*\n/, '')
    await target.writeApplication('twice', inline(once))
    const last = await target.settled('twice', { seconds: 60, revision: 3 })
    assert.equal(last.findings?.length ?? 0, 0)
    assert.deepEqual(await seen(), [{ name: 'A', value: 'newest' }])
  })
})
