import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '@flotilla/engine'
import { systemClock } from '@flotilla/kube'
import { type ErrorCode, FlotillaError } from '@flotilla/model'
import { untilAnswered } from './until-answered.ts'

const failure = (code: ErrorCode): FlotillaError => new FlotillaError(code, { message: code })
// real time, only that nobody waits
const clock = { ...systemClock, sleep: async (_ms: number, signal?: AbortSignal) => signal?.throwIfAborted() }
const waitingUntil = (signal: AbortSignal) => ({ what: 'x', clock, log: silentLog, signal })
const { signal: never } = new AbortController()

test('a database or a host that is away is asked again until it answers', async () => {
  const failures: ErrorCode[] = ['store.unavailable', 'cluster.unreachable', 'kube.overloaded', 'store.unavailable']
  const answer = await untilAnswered(waitingUntil(never), async () => {
    const code = failures.pop()
    if (code !== undefined) throw failure(code)
    return 'here'
  })
  assert.equal(answer, 'here')
})

test('what refuses is not asked again', async () => {
  for (const code of ['kube.forbidden', 'kube.invalid', 'cluster.unauthorized'] as const) {
    let asked = 0
    const asking = untilAnswered(waitingUntil(never), async () => {
      asked++
      throw failure(code)
    })
    await assert.rejects(asking, { code })
    assert.equal(asked, 1)
  }
})

test('waiting ends with the signal', async () => {
  const ending = new AbortController()
  const asking = untilAnswered(waitingUntil(ending.signal), async () => {
    ending.abort(new Error('ended by SIGTERM'))
    throw failure('store.unavailable')
  })
  await assert.rejects(asking, /ended by SIGTERM/)
})
