import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ResourceColumn, resourceColumns, type ResourceFilter } from '@flotilla/api'
import fc from 'fast-check'
import type { Places } from '../../access/rbac/rbac-view.ts'
import { compileFilter } from './row-filter.ts'
import { type Mark, orderingOf, type PlacedRow, readMark, type SortWord, writeMark } from './row-order.ts'
import { type RowsOfCluster, selectRows } from './select-rows.ts'
import { noLabels, type SlimRow } from './slim-row.ts'

const word = (...all: string[]) => fc.constantFrom(...all)
const row: fc.Arbitrary<SlimRow> = fc.record({
  namespace: word('shop', 'pay', 'ops'),
  name: word('web-1', 'web-2', 'api-1', 'api-2', 'db-0'),
  createdAt: fc.nat(5),
  state: word('Running', 'Pending', 'Failed'),
  health: fc.constantFrom('Healthy', 'Degraded', undefined),
  message: fc.constant(undefined),
  labels: fc.constantFrom(noLabels, { app: 'web' }, { app: 'api' }),
  owner: fc.constantFrom(undefined, 'ReplicaSet/web-1', 'ReplicaSet/api'),
  node: fc.constantFrom(undefined, 'n1', 'n2'),
  images: fc.constantFrom([], ['web:1'], ['api:2', 'proxy:1']),
  ready: fc.option(fc.nat(2), { nil: undefined }),
  wanted: fc.constant(2),
  count: fc.option(fc.nat(3), { nil: undefined }),
  lastAt: fc.option(fc.nat(3), { nil: undefined }),
  address: fc.constant(undefined),
  detail: fc.constant(undefined),
})
const places: fc.Arbitrary<Places> = fc.oneof(
  fc.constant('everywhere' as const),
  fc.subarray(['shop', 'pay', 'ops']).map((some) => new Set(some)),
)
const part = (cluster: string): fc.Arbitrary<RowsOfCluster> =>
  fc.record({
    cluster: fc.constant(cluster),
    places,
    rows: fc
      .uniqueArray(row, { selector: (one) => `${one.namespace}/${one.name}`, maxLength: 15 })
      .map((rows) => new Map(rows.map((one) => [`${one.namespace}/${one.name}`, one]))),
  })
const filter: fc.Arbitrary<ResourceFilter> = fc.record(
  {
    q: word('web', 'A', ''),
    labels: word('app=web', '!app', 'app in (api,web)'),
    state: fc.subarray(['Running', 'Pending'], { minLength: 1 }),
    health: fc.constant(['Degraded' as const]),
    node: word('n1'),
    image: word('proxy'),
    owner: word('ReplicaSet/web-1', 'api'),
  },
  { requiredKeys: [] },
)
const sort: fc.Arbitrary<SortWord> = fc
  .tuple(fc.constantFrom(...resourceColumns), fc.boolean())
  .map(([column, turned]: [ResourceColumn, boolean]) => (turned ? (`-${column}` as const) : column))

const keyOf = ({ cluster, row: { namespace, name } }: PlacedRow): string => `${cluster}/${namespace}/${name}`

/** The same by the plainest means: everything in one array, filtered and sorted. */
function plainly(parts: readonly RowsOfCluster[], wanted: ResourceFilter, order: SortWord): PlacedRow[] {
  const { besidesState, state } = compileFilter(wanted)
  return parts
    .flatMap(({ cluster, rows, places: at }) =>
      [...rows.values()]
        .filter((one) => at === 'everywhere' || at.has(one.namespace))
        .map((one) => ({ cluster, row: one })),
    )
    .filter(({ row: one }) => besidesState(one) && state(one))
    .sort(orderingOf(order).compare)
}

describe('rows of many clusters', () => {
  test('page by page are all rows that pass, each once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(part('east'), part('west')),
        filter,
        sort,
        fc.integer({ min: 1, max: 7 }),
        async (parts, wanted, order, limit) => {
          const expected = plainly(parts, wanted, order)
          const ordering = orderingOf(order)
          const found: PlacedRow[] = []
          let after: Mark | undefined
          for (let page = 0; page < 40; page++) {
            const { signal } = new AbortController()
            const answer = await selectRows(parts, { filter: compileFilter(wanted), ordering, after, limit, signal })
            assert.equal(answer.total, expected.length)
            assert.ok(answer.items.length <= limit)
            found.push(...answer.items)
            const { cluster, state } = answer.facets
            assert.equal(
              Object.values(cluster).reduce((sum, one) => sum + one, 0),
              expected.length,
            )
            if (wanted.state === undefined)
              assert.equal(
                Object.values(state).reduce((sum, one) => sum + one, 0),
                expected.length,
              )
            if (answer.next === undefined) break
            after = readMark(writeMark(answer.next))
          }
          assert.deepEqual(found.map(keyOf), expected.map(keyOf))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('of a namespace that somebody may not see are not even counted', async () => {
    const hidden = fc.sample(part('east'), 20).map((one) => ({ ...one, places: new Set<string>() }))
    const { signal } = new AbortController()
    const ask = { filter: compileFilter({}), ordering: orderingOf('name'), after: undefined, limit: 10, signal }
    const answer = await selectRows(hidden, ask)
    assert.deepEqual(answer, { items: [], total: 0, facets: { cluster: {}, state: {} }, next: undefined })
  })

  test('let other work have its turn', async () => {
    const [one] = fc.sample(row, 1)
    assert.ok(one !== undefined)
    const rows = new Map(Array.from({ length: 200_000 }, (_, at) => [String(at), { ...one, name: `pod-${at * 7919}` }]))
    let longest = 0
    let last = performance.now()
    const look = setInterval(() => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    })
    const { signal } = new AbortController()
    const ask = {
      filter: compileFilter({ q: '9' }),
      ordering: orderingOf('name'),
      after: undefined,
      limit: 500,
      signal,
    }
    const { items } = await selectRows([{ cluster: 'east', rows, places: 'everywhere' }], ask)
    clearInterval(look)
    assert.equal(items.length, 500)
    // turns are every 10 ms; a machine that is busy with other tests is given time
    assert.ok(longest < 1000, `held up for ${longest} ms`)
  })

  test('go on after a row that is gone meanwhile', async () => {
    const [some] = fc.sample(part('east'), 1)
    assert.ok(some !== undefined)
    const ordering = orderingOf('name')
    const mark: Mark = ['db', 'db', 'east', 'shop']
    const { signal } = new AbortController()
    const rest = await selectRows([{ ...some, places: 'everywhere' }], {
      filter: compileFilter({}),
      ordering,
      after: mark,
      limit: 100,
      signal,
    })
    assert.ok(rest.items.every(({ row: { name } }) => name > 'db'))
  })

  test('refuse a place to go on from that no list gave out', () => {
    for (const token of ['', 'x', Buffer.from('[1]').toString('base64url')])
      assert.throws(() => readMark(token), { code: 'input.invalid' })
  })
})
