import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LogItem } from '@flotilla/api'
import { FlotillaError } from '@flotilla/model/errors'
import { type LogState, readLogs } from './read-logs.ts'

const line = (at: string, text: string): LogItem => ({
  type: 'line',
  cluster: 'east',
  namespace: 'shop',
  pod: 'web-1',
  container: 'web',
  at,
  text,
})
const end: LogItem = { type: 'end', reason: 'all containers ended', lines: 2 }

async function play(answers: (LogItem[] | Error)[]) {
  const items: LogItem[] = []
  const states: LogState['state'][] = []
  const queries: Record<string, unknown>[] = []
  await readLogs({
    // each opening takes the next prepared answer
    open: async function* (input: { query?: unknown } = {}) {
      queries.push({ ...(input.query as object) })
      const answer = answers.shift() ?? [end]
      if (answer instanceof Error) throw answer
      yield* answer
    } as never,
    logs: { project: 'shop', application: 'shop', component: 'web', clusters: ['east'], previous: false },
    signal: new AbortController().signal,
    now: () => Date.parse('2026-03-05T10:35:10Z'),
    wait: () => Promise.resolve(),
    onItem: (item) => items.push(item),
    onState: ({ state }) => states.push(state),
  })
  return { items, states, queries }
}

describe('reading logs', () => {
  test('ends when the server says so', async () => {
    const seen = await play([[line('2026-03-05T10:35:01Z', 'a'), end]])
    assert.equal(seen.items.length, 1)
    assert.equal(seen.states.at(-1), 'ended')
  })
  test('goes on after a break from where it was, showing no line twice', async () => {
    const seen = await play([
      [line('2026-03-05T10:35:01Z', 'a'), line('2026-03-05T10:35:02Z', 'b')],
      [line('2026-03-05T10:35:02Z', 'b'), line('2026-03-05T10:35:03Z', 'c'), end],
    ])
    assert.deepEqual(
      seen.items.map((item) => (item.type === 'line' ? item.text : '')),
      ['a', 'b', 'c'],
    )
    assert.ok(seen.states.includes('broken'))
    assert.equal(seen.queries[1]?.['sinceSeconds'], 9)
  })
  test('tries again when the server was away, and stops when it refuses', async () => {
    const away = await play([new FlotillaError('server.unreachable', { message: 'away' }), [end]])
    assert.equal(away.states.at(-1), 'ended')
    const refusedBy = await play([new FlotillaError('auth.forbidden', { message: 'no' }), [end]])
    assert.equal(refusedBy.states.at(-1), 'refused')
    assert.equal(refusedBy.queries.length, 1)
  })
})
