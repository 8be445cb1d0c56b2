import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Clock } from '@flotilla/kube'
import { FlotillaError, type Next, retry, settled, waiting } from '@flotilla/model'
import * as fc from 'fast-check'
import { createQueue, type QueueLimits, type WorkOutcome } from './queue.ts'

/** A clock that moves only when told to. */
function createManualClock(random = 0.5): Clock & { advance(ms: number): Promise<void> } {
  let time = 0
  let sleepers: { due: number; wake: () => void }[] = []
  return {
    now: () => time,
    elapsed: () => time,
    random: () => random,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { due: time + ms, wake: resolve }
        sleepers.push(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((other) => other !== sleeper)
          reject(new Error('woken'))
        })
      }),
    advance: async (ms) => {
      const end = time + ms
      for (;;) {
        const next = sleepers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0]
        if (next === undefined) break
        time = Math.max(time, next.due)
        sleepers = sleepers.filter((other) => other !== next)
        next.wake()
        await settle()
      }
      time = end
      await settle()
    },
  }
}
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

function harness(
  answers: (key: string, pass: number) => Next | Promise<Next>,
  limits?: Partial<QueueLimits>,
  concurrency = 2,
) {
  const clock = createManualClock()
  const abort = new AbortController()
  const passes: { key: string; at: number }[] = []
  const outcomes: WorkOutcome[] = []
  const queue = createQueue({
    clock,
    concurrency,
    signal: abort.signal,
    limits,
    onEnd: (_key, outcome) => outcomes.push(outcome),
    work: async (key) => {
      passes.push({ key, at: clock.now() })
      return answers(key, passes.length)
    },
  })
  return { clock, abort, passes, outcomes, queue }
}

describe('queue', () => {
  test('works once on a key that was enqueued many times', async () => {
    const { queue, passes } = harness(() => settled)
    const gate = harness(() => settled, {}, 1)
    for (let i = 0; i < 100; i++) gate.queue.enqueue(i % 2 === 0 ? 'a' : 'b')
    queue.enqueue('x')
    await settle()
    assert.deepEqual(
      passes.map(({ key }) => key),
      ['x'],
    )
    // the first pass over `a` had begun when it was enqueued again, so it is worked on once more
    assert.deepEqual(gate.passes.map(({ key }) => key).sort(), ['a', 'a', 'b'])
  })

  test('waits for its turn to begin, then works on what came meanwhile, each key once', async () => {
    const turn = Promise.withResolvers<void>()
    const passes: string[] = []
    const queue = createQueue({
      clock: createManualClock(),
      concurrency: 2,
      signal: new AbortController().signal,
      begin: turn.promise,
      work: async (key) => {
        passes.push(key)
        return settled
      },
    })
    for (const key of ['a', 'b', 'a', 'c']) queue.enqueue(key)
    await settle()
    assert.deepEqual(passes, [])
    turn.resolve()
    await settle()
    await settle()
    assert.deepEqual(passes, ['a', 'b', 'c'])
  })

  test('works on a key again when it changed while it was worked on', async () => {
    let release: (() => void) | undefined
    const { queue, passes } = harness(async (_key, pass) => {
      if (pass === 1) await new Promise<void>((resolve) => (release = resolve))
      return settled
    })
    queue.enqueue('a')
    await settle()
    queue.enqueue('a')
    queue.enqueue('a')
    assert.equal(passes.length, 1)
    release?.()
    await settle()
    assert.equal(passes.length, 2)
  })

  test('backs off exponentially with full jitter, per key', async () => {
    const { queue, passes, clock } = harness((key) => (key === 'bad' ? retry('no') : settled), {
      baseMs: 100,
      maxMs: 1000,
    })
    queue.enqueue('bad')
    queue.enqueue('good')
    await settle()
    await clock.advance(2000)
    const at = passes.filter(({ key }) => key === 'bad').map((pass) => pass.at)
    // half of 100, 200, 400, 800, then of the cap
    assert.deepEqual(at, [0, 50, 150, 350, 750, 1250, 1750])
    assert.equal(passes.filter(({ key }) => key === 'good').length, 1)
  })

  test('an event brings a failing key forward, but not more often than the nudge', async () => {
    const { queue, passes, clock } = harness(() => retry('no'), { baseMs: 60_000, nudgeMs: 1000 })
    queue.enqueue('a')
    await settle()
    queue.enqueue('a')
    await settle()
    assert.equal(passes.length, 2, 'the first failure may be tried again at once')
    for (let i = 0; i < 50; i++) {
      queue.enqueue('a')
      await clock.advance(100)
    }
    assert.ok(passes.length <= 7 && passes.length >= 6, `${passes.length} passes in 5 s`)
  })

  test('a key that failed and changed meanwhile never waits for less than nothing', async () => {
    let time = 0
    const slept: number[] = []
    // time passes with each look at it, as on a busy machine
    const clock: Clock = {
      now: () => time,
      elapsed: () => time++,
      random: () => 0.5,
      sleep: async (ms) => void slept.push(ms),
    }
    const stop = new AbortController()
    const queue = createQueue({
      clock,
      concurrency: 1,
      signal: stop.signal,
      work: async (key) => {
        if (slept.length > 0) stop.abort()
        queue.enqueue(key)
        return retry('not yet')
      },
    })
    queue.enqueue('a')
    for (let turn = 0; turn < 5; turn++) await settle()
    assert.deepEqual(slept, [0])
  })

  test('a success forgets the failures', async () => {
    const { queue, outcomes, clock } = harness((_key, pass) => (pass === 3 ? settled : retry('no')), { baseMs: 10 })
    queue.enqueue('a')
    await settle()
    await clock.advance(1000)
    queue.enqueue('a')
    await settle()
    assert.deepEqual(
      outcomes.slice(0, 4).map(({ failures }) => failures),
      [1, 2, 0, 1],
    )
  })

  test('honours Retry-After of what was thrown', async () => {
    const { queue, passes, clock } = harness((_key, pass) => {
      if (pass === 1) throw new FlotillaError('kube.overloaded', { message: 'too many', retryAfter: 30 })
      return settled
    })
    queue.enqueue('a')
    await settle()
    queue.enqueue('a')
    await clock.advance(29_999)
    assert.equal(passes.length, 1)
    await clock.advance(10_000)
    assert.equal(passes.length, 2)
  })

  test('looks again after the time that was asked for, or at once when something changes', async () => {
    const { queue, passes, clock } = harness(() => waiting(30, 'poll'))
    queue.enqueue('a')
    await settle()
    await clock.advance(29_000)
    assert.equal(passes.length, 1)
    await clock.advance(1000)
    assert.equal(passes.length, 2)
    queue.enqueue('a')
    await settle()
    assert.equal(passes.length, 3)
    await clock.advance(29_000)
    assert.equal(passes.length, 3, 'the earlier timer is gone')
  })

  test('stop aborts what is at work, waits for it, and takes nothing more', async () => {
    const clock = createManualClock()
    const abort = new AbortController()
    let ended = false
    const queue = createQueue({
      clock,
      concurrency: 1,
      signal: abort.signal,
      work: async (_key, signal) => {
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
        ended = true
        return settled
      },
    })
    queue.enqueue('a')
    queue.enqueue('b')
    await queue.stop()
    assert.ok(ended)
    queue.enqueue('c')
    assert.deepEqual({ depth: queue.stats().depth, worked: queue.stats().worked }, { depth: 0, worked: 1 })
  })

  test('whatever the order of events: no key twice at once, the bound holds, no event is lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), yieldFirst: fc.boolean() }), {
          maxLength: 60,
        }),
        async (concurrency, events) => {
          const clock = createManualClock()
          const active = new Set<string>()
          let worst = 0
          /** version wanted and version last worked on, per key */
          const wanted = new Map<string, number>()
          const seen = new Map<string, number>()
          const queue = createQueue({
            clock,
            concurrency,
            signal: new AbortController().signal,
            work: async (key) => {
              assert.ok(!active.has(key), 'twice at once')
              active.add(key)
              worst = Math.max(worst, active.size)
              seen.set(key, wanted.get(key) ?? 0)
              await settle()
              active.delete(key)
              return settled
            },
          })
          for (const { key, yieldFirst } of events) {
            if (yieldFirst) await settle()
            wanted.set(key, (wanted.get(key) ?? 0) + 1)
            queue.enqueue(key)
          }
          for (let i = 0; i < events.length * 2 + 2; i++) await settle()
          assert.deepEqual(Object.fromEntries(seen), Object.fromEntries(wanted))
          assert.ok(worst <= concurrency)
        },
      ),
      { numRuns: 60 },
    )
  })
})
