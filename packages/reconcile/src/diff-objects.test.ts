import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '@flotilla/model'
import * as fc from 'fast-check'
import { diffObject, diffObjects } from './diff-objects.ts'
import { maskSecret } from './object-noise.ts'

const deployment = (spec: Record<string, unknown>, metadata: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', ...metadata },
  spec,
})
const secret = (fields: Record<string, unknown>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's', namespace: 'shop' },
  ...fields,
})
const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('the difference of objects', () => {
  test('lists what comes, changes and goes; nothing of what is equal', () => {
    const other = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'shop' } }
    const same = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'same', namespace: 'shop' } }
    const diffs = diffObjects(
      [same, deployment({ replicas: 1 }), other],
      [same, deployment({ replicas: 2 }), secret({})],
    )
    assert.deepEqual(
      diffs.map(({ ref, change }) => `${change} ${ref.kind}`),
      ['changed Deployment', 'added Secret', 'removed ConfigMap'],
    )
    assert.deepEqual(diffs[0]?.fields, [{ path: 'spec.replicas', before: 1, after: 2, masked: false }])
  })

  test('names items of lists, so that one more container does not change the others', () => {
    const spec = (...containers: unknown[]) => ({ template: { spec: { containers } } })
    const web = { name: 'web', image: 'web:1', ports: [{ containerPort: 80 }] }
    const fields = diffObject(
      deployment(spec(web)),
      deployment(
        spec({ name: 'proxy', image: 'p' }, { ...web, image: 'web:2', ports: [{ containerPort: 80, name: 'http' }] }),
      ),
    )
    assert.deepEqual(fields.map(({ path }) => path).sort(), [
      'spec.template.spec.containers[name=proxy]',
      'spec.template.spec.containers[name=web].image',
      'spec.template.spec.containers[name=web].ports[containerPort=80].name',
    ])
  })

  test('another order of the same items is a difference', () => {
    const list = (...names: string[]) => deployment({ list: names.map((name) => ({ name })) })
    assert.deepEqual(
      diffObject(list('a', 'b'), list('b', 'a')).map(({ path }) => path),
      ['spec.list (order)'],
    )
  })

  test('leaves out what clusters write by themselves', () => {
    const live = {
      ...deployment(
        { replicas: 1 },
        {
          resourceVersion: '5',
          uid: 'u',
          generation: 3,
          creationTimestamp: 'x',
          managedFields: [],
          annotations: {
            'deployment.kubernetes.io/revision': '4',
            'kubectl.kubernetes.io/last-applied-configuration': '{}',
          },
        },
      ),
      status: { readyReplicas: 1 },
    }
    assert.deepEqual(diffObject(live, deployment({ replicas: 1 })), [])
  })

  test('shows of a Secret which keys differ, never what they hold', () => {
    const fields = diffObject(
      secret({ data: { a: base64('first-value'), same: base64('same'), gone: base64('gone-value') } }),
      secret({ stringData: { a: 'two', same: 'same', fresh: 'fresh-value' } }),
    )
    assert.deepEqual(
      fields.map(({ path, masked }) => [path, masked]),
      [
        ['data.a', true],
        ['data.fresh', true],
        ['data.gone', true],
      ],
    )
    const text = JSON.stringify(fields)
    for (const value of ['first-value', 'two', 'gone-value', 'fresh-value'])
      for (const form of [value, base64(value)]) assert.ok(!text.includes(form), value)
  })

  test('a Secret whose data comes or goes whole is masked too', () => {
    const fields = diffObject(secret({}), secret({ data: { a: base64('one') } }))
    assert.deepEqual(
      fields.map(({ path, masked }) => [path, masked]),
      [['data', true]],
    )
    assert.ok(!JSON.stringify(fields).includes(base64('one')))
  })

  test('a masked Secret keeps its keys only', () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a":"b25l"}}', note: 'x' }
    const shown = maskSecret({
      ...secret({ data: { a: 'b25l' }, stringData: { b: 'two' } }),
      metadata: { name: 's', annotations },
    })
    assert.ok(!/b25l|two/.test(JSON.stringify(shown)))
    assert.deepEqual(Object.keys(shown['data'] as object), ['a'])
  })

  test('a field that is null differs from none', () => {
    const diffs = diffObject(deployment({ value: {} }), deployment({ value: { '': null } }))
    assert.deepEqual(diffs.length, 1)
  })

  test('an object does not differ from itself, and differs from any other value in it', () => {
    const value = fc.jsonValue({ maxDepth: 3 })
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [left, right] = [deployment({ value: a }), deployment({ value: b })]
        assert.deepEqual(diffObject(left, structuredClone(left)), [])
        const equal = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
        assert.equal(diffObject(left, right).length === 0, equal)
        assert.equal(diffObject(right, left).length, diffObject(left, right).length)
      }),
    )
  })

  test('a long difference ends somewhere and says so', () => {
    const many = (value: number) =>
      deployment(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, value])))
    const [diff] = diffObjects([many(1)], [many(2)])
    assert.equal(diff?.fields.length, 200)
    assert.equal(diff?.truncated, true)
  })
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, child]) => [key, sorted(child)]),
  )
}
