import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '@flotilla/model'
import { describeChanges } from './object-changes.ts'

const place = { cluster: 'east', namespace: 'shop', component: 'web' }
const config = (data: Record<string, unknown>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', namespace: 'shop' },
  data,
})
const secret = (data: Record<string, unknown>): KubeObject => ({ ...config(data), kind: 'Secret' })
const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('changes of objects, as people read them', () => {
  test('a change is a unified difference of the YAML, with its paths', async () => {
    const { items, unchanged } = await describeChanges({
      ...place,
      before: [config({ a: '1' })],
      after: [config({ a: '2' }), secret({})],
    })
    assert.deepEqual(items[0]?.paths, ['data.a'])
    assert.match(items[0]?.diff ?? '', /-  a: "1"\n\+  a: "2"/)
    assert.deepEqual(
      items.map(({ change, ref }) => `${change} ${ref.kind}`),
      ['changed ConfigMap', 'added Secret'],
    )
    assert.equal(unchanged, 0)
  })

  test('counts what stays', async () => {
    const { items, unchanged } = await describeChanges({
      ...place,
      before: [config({ a: '1' })],
      after: [config({ a: '1' })],
    })
    assert.deepEqual([items.length, unchanged], [0, 1])
  })

  test('of a Secret it says which keys differ, and nothing else', async () => {
    const { items } = await describeChanges({
      ...place,
      before: [secret({ a: base64('first'), same: base64('equal'), gone: base64('leaves') })],
      after: [secret({ a: base64('second'), same: base64('equal'), fresh: base64('comes') })],
    })
    const [item] = items
    assert.match(item?.diff ?? '', /-  a: \(secret\)\n/)
    assert.match(item?.diff ?? '', /\+  a: \(secret, differs\)/)
    assert.match(item?.diff ?? '', / {3}same: \(secret\)/)
    for (const text of ['first', 'second', 'equal', 'leaves', 'comes'])
      for (const form of [text, base64(text)]) assert.ok(!JSON.stringify(items).includes(form), form)
  })

  test('a Secret that comes or goes is masked', async () => {
    const one = secret({ a: base64('first') })
    for (const [before, after] of [
      [[one], []],
      [[], [one]],
      [[], [{ ...one, data: undefined, stringData: { a: 'first' } }]],
    ]) {
      const { items } = await describeChanges({ ...place, before: before ?? [], after: after ?? [] })
      assert.equal(items.length, 1)
      assert.ok(!/first|Zmlyc3Q/.test(JSON.stringify(items)))
      assert.match(items[0]?.diff ?? '', /a: \(secret\)/)
    }
  })

  test('texts from Secrets are hidden wherever a template put them', async () => {
    const { items } = await describeChanges({
      ...place,
      before: [],
      after: [config({ url: 'postgres://u:hunter2@db', coded: base64('hunter2') })],
      redact: ['hunter2'],
    })
    assert.ok(!/hunter2|aHVudGVyMg/.test(JSON.stringify(items)))
    assert.match(items[0]?.diff ?? '', /postgres:\/\/u:\(secret\)@db/)
  })

  test('what is too long to read is told by its paths', async () => {
    const long = (text: string) => config({ text: text.repeat(200_000) })
    const { items } = await describeChanges({ ...place, before: [long('a')], after: [long('b')] })
    assert.deepEqual([items[0]?.paths, items[0]?.diff, items[0]?.truncated], [['data.text'], '', true])
  })
})
