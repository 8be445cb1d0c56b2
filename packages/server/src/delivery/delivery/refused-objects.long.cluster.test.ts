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

const widgets = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.first.example.com
spec:
  group: first.example.com
  names: { kind: Widget, plural: widgets, singular: widget, listKind: WidgetList }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`

describe('objects that need care', () => {
  let target: TestTarget
  before(async () => {
    target = await openTarget({ scope: 'Cluster' })
  })
  after(() => target.close())

  describe('objects that server-side apply refuses', () => {
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

  describe('objects that a dry-run cannot know yet', () => {
    test('a first hook may be of a kind whose definition the chart brings in crds/', async () => {
      const name = 'widgets.first.example.com'
      const definition = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition', name }
      try {
        const chart = await target.pushChart('first', '1.0.0', {
          'crds/widgets.yaml': widgets,
          'templates/hook.yaml':
            'apiVersion: first.example.com/v1\nkind: Widget\nmetadata:\n  name: before\n  annotations: { "helm.sh/hook": pre-install }\n',
          'templates/a.yaml': configMap('first-a'),
        })
        await target.writeApplication('first', { components: [{ name: 'first', helm: { chart } }] })
        await target.settled('first', { seconds: 60 })
        assert.ok(await target.find('Widget', 'before', 'first.example.com'))
      } finally {
        await target.member().delete(definition)
      }
    })

    test('an object in a namespace that comes with it is not taken from another delivery', async () => {
      const elsewhere = `${target.project}-x`
      const namespace = `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${elsewhere}\n`
      const within = (value: string): string =>
        `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n  namespace: ${elsewhere}\ndata:\n  value: ${value}\n`
      await target.writeApplication('owner', inline(namespace))
      await target.settled('owner', { seconds: 60 })
      await target.writeApplication('guest', inline(within('guest')))
      await target.settled('guest', { seconds: 60 })
      await target.writeApplication('owner', inline(namespace, within('owner')))
      const { message } = await target.waitFor('owner', 'failed', ({ phase }) => phase === 'Failed', { seconds: 30 })
      assert.match(message ?? '', /ConfigMap .*c belongs to another delivery, of application guest/)
      const found = await target.member().get({ group: '', kind: 'ConfigMap', namespace: elsewhere, name: 'c' })
      assert.equal(readField(found, 'data', 'value'), 'guest')
      await target.deleteApplication('guest')
      await target.settled('owner', { seconds: 60, revision: 2 })
    })
  })
})
