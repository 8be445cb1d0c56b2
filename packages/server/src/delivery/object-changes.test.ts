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

  test('a secret that begins with another one is hidden as a whole', async () => {
    const { items } = await describeChanges({
      ...place,
      before: [],
      after: [config({ password: 'admin-9fK2xx' })],
      redact: ['admin', 'admin-9fK2xx'],
    })
    assert.match(items[0]?.diff ?? '', /password: \(secret\)\n/)
  })

  test('a secret of several lines is hidden where the difference indents them, and as JSON spells it', async () => {
    const lines = Array.from({ length: 12 }, (_, line) =>
      base64(`line ${line} of a key that nobody may see ${line * 7919}`),
    )
    const key = `-----BEGIN KEY-----\n${lines.join('\n')}\n-----END KEY-----\n`
    const quoted = 'begins"b\\c"ends'
    const { items } = await describeChanges({
      ...place,
      before: [config({ 'tls.key': `${lines.slice(0, 6).join('\n')}\n`, settings: '{}' })],
      after: [
        config({
          'tls.key': key,
          settings: JSON.stringify({ key, quoted }),
          nested: JSON.stringify({ quoted, it: "isn't" }),
        }),
      ],
      redact: [key, quoted],
    })
    const shown = JSON.stringify(items)
    for (const line of lines) assert.ok(!shown.includes(line), line)
    assert.ok(!/begins|ends/.test(shown), shown)
    assert.match(items[0]?.diff ?? '', /tls.key/)
  })

  test('a secret where the difference is cut is hidden as well', async () => {
    const secret = 'correct-horse-battery-staple'
    const { items } = await describeChanges({
      ...place,
      before: [],
      after: [config({ text: secret.repeat(3_500) })],
      redact: [secret],
    })
    assert.ok(!(items[0]?.diff ?? '').includes('correct'), items[0]?.diff.slice(-40))
  })

  test('what is too long to read is told by its paths', async () => {
    const long = (text: string) => config({ text: text.repeat(200_000) })
    const { items } = await describeChanges({ ...place, before: [long('a')], after: [long('b')] })
    assert.deepEqual([items[0]?.paths, items[0]?.diff, items[0]?.truncated], [['data.text'], '', true])
  })
})
