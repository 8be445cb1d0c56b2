import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { longestTurn } from '@flotilla/render/testing/longest-turn'
import { packPayload } from '../release-payload.ts'
import { openRelease } from './open-release.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const chart = {
  metadata: { name: 'web', version: '1.0.0', apiVersion: 'v2' },
  templates: [{ name: 'templates/a.yaml', data: base64('kind: A\n') }],
}
const one = (at: number): string => `---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: c${at} }\ndata: { a: b }\n`

async function open(record: string | object, withChart = false) {
  const json = typeof record === 'string' ? record : JSON.stringify(record)
  const release = await packPayload(Buffer.from(json))
  return openRelease({ release, namespace: 'shop', withChart }, new AbortController().signal)
}

describe('a Helm record', () => {
  test('gives its values, its objects and, where it is asked for, its chart', async () => {
    const record = { name: 'web', chart, config: { a: { b: [1] } }, manifest: one(0) }
    const opened = await open(record)
    assert.deepEqual(opened, {
      chartName: 'web',
      values: { a: { b: [1] } },
      refs: [{ group: '', version: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'c0' }],
      chart: undefined,
    })
    const whole = await open(record, true)
    assert.deepEqual([...(whole.chart?.subarray(0, 2) ?? [])], [0x1f, 0x8b])
  })

  test('that is large does not keep the event loop waiting, though all of it is read', async () => {
    await open({ chart })
    const manifest = Array.from({ length: 300 }, (_, at) => one(at)).join('')
    // small once it is packed
    const hostile = `{"config":{"a":1},"manifest":${JSON.stringify(manifest)},"hooks":[${'{},'.repeat(1_000_000)}0]}`
    let refs = 0
    const release = await packPayload(Buffer.from(hostile))
    const longest = await longestTurn(async () => {
      const question = { release, namespace: 'shop', withChart: false }
      refs = (await openRelease(question, new AbortController().signal)).refs.length
    })
    assert.equal(refs, 300)
    assert.ok(longest < 50, `${longest} ms`)
  })

  for (const [title, record, code] of [
    ['is no JSON', '{"a":', 'input.invalid'],
    ['is no map', '[]', 'input.invalid'],
    ['nests without end', `{"config":{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`, 'input.too_large'],
    ['has more values than an Application could', { config: { a: 'x'.repeat(5_000_000) } }, 'input.too_large'],
    ['has a number whose digits would change', '{"config":{"a":9007199254740993}}', 'input.invalid'],
    ['has a manifest that is no YAML', { manifest: 'a: "x' }, 'input.yaml'],
    ['has no whole chart', { chart: {} }, 'input.invalid'],
  ] as const) {
    test(`that ${title} is refused`, async () => {
      await assert.rejects(open(record, title === 'has no whole chart'), { code })
    })
  }

  test('that is not even packed is refused', async () => {
    const question = { release: base64('nothing'), namespace: 'shop', withChart: false }
    await assert.rejects(openRelease(question, new AbortController().signal), { code: 'input.invalid' })
  })
})
