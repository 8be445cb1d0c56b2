import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { type Sharer, splitShare, sum } from './split-share.ts'

const split = (
  total: bigint,
  sharers: readonly Sharer[],
  more: { leaving?: bigint; bound?: boolean; unit?: bigint } = {},
) => splitShare({ total, unit: 1n, leaving: 0n, bound: false, ...more, sharers })
const shown = ({ shares }: ReturnType<typeof splitShare>) => Object.fromEntries(shares)

describe('a share', () => {
  test('goes to the explicit ones first, and the rest in equal parts', () => {
    assert.deepEqual(shown(split(10n, [{ key: 'b' }, { key: 'a', explicit: 4n }, { key: 'c' }])), {
      a: 4n,
      b: 3n,
      c: 3n,
    })
  })

  test('that cannot be divided goes to the first ones, by whole units', () => {
    assert.deepEqual(shown(split(5n, [{ key: 'c' }, { key: 'a' }, { key: 'b' }])), { a: 2n, b: 2n, c: 1n })
    assert.deepEqual(shown(split(35n, [{ key: 'a' }, { key: 'b' }], { unit: 10n })), { a: 20n, b: 10n })
  })

  test('stays as it was while the explicit ones ask for more than there is', () => {
    const sharers = [{ key: 'a', explicit: 8n, held: 5n }, { key: 'b', explicit: 4n, held: 5n }, { key: 'c' }]
    const outcome = split(10n, sharers)
    assert.equal(outcome.asked, 12n)
    assert.deepEqual(shown(outcome), { a: 5n, b: 5n, c: 0n })
  })

  test('that was never given limits nobody while too much is asked for, but where there must be a bound', () => {
    assert.deepEqual(shown(split(10n, [{ key: 'a', explicit: 12n }])), {})
    assert.deepEqual(shown(split(10n, [{ key: 'a', explicit: 12n }], { bound: true })), { a: 0n })
  })

  test('grows only by what others let go', () => {
    const first = split(10n, [{ key: 'a', held: 10n }, { key: 'b' }])
    assert.deepEqual(shown(first), { a: 5n, b: 0n })
    assert.deepEqual(
      shown(
        split(10n, [
          { key: 'a', held: 5n },
          { key: 'b', held: 0n },
        ]),
      ),
      { a: 5n, b: 5n },
    )
    assert.deepEqual(shown(split(10n, [{ key: 'b' }], { leaving: 7n })), { b: 3n })
  })
})

const amounts = fc.bigInt({ min: 0n, max: 60n })
const sharers = fc.uniqueArray(
  fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    explicit: fc.option(amounts, { nil: undefined }),
    held: fc.option(amounts, { nil: undefined }),
  }),
  { selector: ({ key }) => key, maxLength: 5 },
)
const questions = fc.record({
  total: fc.bigInt({ min: 0n, max: 100n }),
  unit: fc.constantFrom(1n, 3n),
  sharers,
  leaving: fc.constantFrom(0n, 0n, 5n),
  bound: fc.boolean(),
})

describe('shares, whatever comes', () => {
  test('together with what others still hold never exceed the total, unless that was held before', () => {
    fc.assert(
      fc.property(questions, (question) => {
        const { shares } = splitShare(question)
        const before = sum(question.sharers.map(({ held = 0n }) => held)) + question.leaving
        const most = question.sharers.map(({ key, held = 0n }) => {
          const share = shares.get(key) ?? 0n
          return share > held ? share : held
        })
        const after = sum(most) + question.leaving
        assert.ok(after <= question.total || after === before, `${after} of ${question.total}, ${before} before`)
      }),
      { numRuns: 1000 },
    )
  })

  test('are the same in any order', () => {
    fc.assert(
      fc.property(questions, fc.infiniteStream(fc.nat()), (question, random) => {
        const order = new Map(question.sharers.map(({ key }) => [key, random.next().value]))
        const shuffled = question.sharers.toSorted((a, b) => (order.get(a.key) ?? 0) - (order.get(b.key) ?? 0))
        assert.deepEqual(splitShare({ ...question, sharers: shuffled }), splitShare(question))
      }),
    )
  })

  test('settle: carried out in any order, with some that cannot be reached, they come to what is wanted', () => {
    fc.assert(
      fc.property(
        questions,
        fc.array(fc.subarray(['a', 'b', 'c', 'd', 'e']), { maxLength: 4 }),
        (question, reached) => {
          const { total } = question
          fc.pre(sum(question.sharers.map(({ explicit = 0n }) => explicit)) <= total)
          let current: Sharer[] = question.sharers.map((sharer) => ({ ...sharer, held: undefined }))
          const all = ['a', 'b', 'c', 'd', 'e']
          for (const reachable of [...reached, all, all, all]) {
            const { shares } = splitShare({ ...question, leaving: 0n, sharers: current })
            current = current.map((sharer) => ({
              ...sharer,
              held: reachable.includes(sharer.key) ? shares.get(sharer.key) : most(shares.get(sharer.key), sharer.held),
            }))
            assert.ok(sum(current.map(({ held = 0n }) => held)) <= total)
          }
          const fresh = splitShare({
            ...question,
            leaving: 0n,
            sharers: current.map(({ key, explicit }) => ({ key, explicit })),
          })
          assert.deepEqual(new Map(current.map(({ key, held }) => [key, held])), new Map(fresh.shares))
        },
      ),
    )
  })
})

const most = (a = 0n, b = 0n): bigint => (a > b ? a : b)
