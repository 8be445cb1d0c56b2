import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { StreamEvent } from '@flotilla/api'
import { type LiveState, runLiveStream } from './run-live-stream.ts'

const hello: StreamEvent = { event: 'hello', id: '0', data: { heartbeatSeconds: 10, resumed: true } }
const change = (id: string): StreamEvent => ({
  event: 'change',
  id,
  data: { topic: 'clusters', key: 'east', row: null },
})

async function play(events: StreamEvent[]) {
  const batches: number[] = []
  const states: LiveState[] = []
  let resets = 0
  let signedOut = 0
  let last = ''
  await runLiveStream({
    open: async function* () {
      yield* events
    },
    topics: ['clusters'],
    signal: new AbortController().signal,
    onChanges: (changes) => batches.push(changes.length),
    onSeen: (id) => {
      last = id
    },
    onReset: () => resets++,
    onState: (state) => states.push(state),
    onSignedOut: () => signedOut++,
  })
  return { batches, states, resets, signedOut, last }
}

describe('the live stream', () => {
  test('paints changes that come together at once', async () => {
    const seen = await play([hello, change('1'), change('2'), change('3')])
    assert.deepEqual(seen.batches, [3])
    assert.equal(seen.last, '3')
    assert.deepEqual(seen.states, ['connecting', 'live'])
  })
  test('bounds a batch', async () => {
    const seen = await play([hello, ...Array.from({ length: 4500 }, (_, index) => change(String(index)))])
    assert.deepEqual(seen.batches, [2000, 2000, 500])
  })
  test('forgets what was gathered when the server says that something was missed', async () => {
    const seen = await play([hello, change('1'), { event: 'reset', data: { reason: 'too old' } }])
    assert.deepEqual(seen.batches, [])
    assert.equal(seen.resets, 1)
  })
  test('reads everything again where the server could not resume', async () => {
    assert.equal((await play([hello])).resets, 0)
    assert.equal((await play([{ ...hello, data: { heartbeatSeconds: 10, resumed: false } }])).resets, 1)
  })
  test('says that the session ended', async () => {
    const seen = await play([hello, { event: 'end', data: { code: 'signed-out', reason: 'disabled' } }])
    assert.equal(seen.signedOut, 1)
    assert.equal(seen.states.at(-1), 'lost')
  })
})
