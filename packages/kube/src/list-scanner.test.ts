import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { FlotillaError } from '@flotilla/model'
import { ListScanner } from './list-scanner.ts'

function scan(text: string, cuts: readonly number[] = [], maxItemBytes = 1 << 20) {
  const bytes = Buffer.from(text)
  const items: unknown[] = []
  const scanner = new ListScanner({ onItem: (json) => items.push(JSON.parse(json)), maxItemBytes })
  let from = 0
  for (const cut of [...cuts, bytes.length].map((at) => Math.min(at, bytes.length)).sort((a, b) => a - b)) {
    scanner.push(bytes.subarray(from, cut))
    from = cut
  }
  return { items, envelope: scanner.end() }
}

describe('a list, cut while it arrives', () => {
  test('yields the same items and metadata as parsing it whole, wherever it is cut', () => {
    const item = fc.dictionary(fc.string(), fc.jsonValue())
    const list = fc.record({
      kind: fc.constant('PodList'),
      metadata: fc.record({ resourceVersion: fc.string(), continue: fc.string(), items: fc.array(item) }),
      items: fc.array(item),
      other: fc.record({ items: fc.array(fc.integer()) }),
    })
    fc.assert(
      fc.property(list, fc.array(fc.nat(4000)), fc.boolean(), (value, cuts, pretty) => {
        const { items, envelope } = scan(JSON.stringify(value, undefined, pretty ? 2 : undefined), cuts)
        const expected = JSON.parse(JSON.stringify(value)) as typeof value
        assert.deepEqual(items, expected.items)
        assert.deepEqual(envelope, { ...expected, items: [] })
      }),
      { numRuns: 500 },
    )
  })

  test('takes a list without items as Go writes it', () => {
    const { items, envelope } = scan('{"kind":"PodList","metadata":{"resourceVersion":"7"},"items":null}\n')
    assert.deepEqual(items, [])
    assert.deepEqual(envelope.metadata, { resourceVersion: '7' })
  })

  test('refuses one that broke off', () => {
    for (const text of ['', '{"items":[{"a":1}', '{"items":[{"a":1}]', '{"metadata":{']) {
      assert.throws(() => scan(text), { code: 'UND_ERR_SOCKET' })
    }
  })

  test('refuses an item beyond the bound, in one piece or many', () => {
    const text = JSON.stringify({ items: [{ a: 'x'.repeat(5_000) }] })
    const tooLarge = (error: unknown): boolean => error instanceof FlotillaError && error.code === 'input.too_large'
    assert.throws(() => scan(text, [], 1_000), tooLarge)
    assert.throws(() => scan(text, [500, 1_000, 1_500, 2_000], 1_000), tooLarge)
  })
})
