import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { longestLog } from './keep-end-of-log.ts'
import type { Store } from './store.ts'

const day = (n: number): string => new Date(Date.UTC(2026, 0, n)).toISOString()

/** What every store must do with logs of steps. `open` opens the same store again each time. */
export function describeStepLogs(name: string, open: () => Promise<Store>): void {
  describe(name, () => {
    let store: Store
    before(async () => {
      store = await open()
    })
    after(() => store.close())

    test('keeps them by step and attempt, the newest first to hand, also after a restart', async () => {
      const rolloutUid = randomUUID()
      const log = (step: string, attempt: number, text: string) =>
        ({ projectUid: 'p', rolloutUid, step, attempt, text, at: day(attempt) }) as const
      await store.stepLogs.put(log('test', 1, 'half'))
      await store.stepLogs.put(log('test', 1, 'whole \0 \u{1f6a2}'))
      await store.stepLogs.put(log('test', 10, 'last'))
      await store.stepLogs.put(log('test', 9, 'before'))
      await store.stepLogs.put(log('job', 2, ''))
      await store.close()
      store = await open()
      assert.deepEqual(await store.stepLogs.get(rolloutUid, 'test', 1), log('test', 1, 'whole \0 \u{1f6a2}'))
      assert.equal((await store.stepLogs.get(rolloutUid, 'test'))?.text, 'last')
      assert.equal((await store.stepLogs.get(rolloutUid, 'job'))?.text, '')
      assert.equal(await store.stepLogs.get(rolloutUid, 'test', 3), undefined)
      assert.equal(await store.stepLogs.get(randomUUID(), 'test'), undefined)
      const list = await store.stepLogs.list(rolloutUid)
      assert.deepEqual(
        list.map(({ step, attempt, bytes }) => [step, attempt, bytes]),
        [
          ['job', 2, 0],
          ['test', 1, 12],
          ['test', 9, 6],
          ['test', 10, 4],
        ],
      )
      assert.equal(list[1]?.at, day(1))
    })

    test('keeps the end of a long one, and says what is gone', async () => {
      const rolloutUid = randomUUID()
      const text = Array.from({ length: 60_000 }, (_, at) => `line ${at} of a migration that says much`).join('\n')
      await store.stepLogs.put({ projectUid: 'p', rolloutUid, step: 'job', attempt: 1, text, at: day(1) })
      const kept = (await store.stepLogs.get(rolloutUid, 'job'))?.text ?? ''
      assert.match(kept, /^\[Flotilla dropped \d+ bytes above: .*\]\nline \d+ of/)
      assert.ok(kept.endsWith('line 59999 of a migration that says much'))
      const [entry] = await store.stepLogs.list(rolloutUid)
      assert.ok((entry?.bytes ?? 0) > longestLog * 0.9 && (entry?.bytes ?? 0) <= longestLog)
    })

    test('lets the old ones go', async () => {
      const rolloutUid = randomUUID()
      for (const attempt of [1, 2, 3])
        await store.stepLogs.put({
          projectUid: 'p',
          rolloutUid,
          step: 's',
          attempt,
          text: 'x',
          at: `2020-01-0${attempt}T00:00:00Z`,
        })
      assert.equal(await store.stepLogs.prune('2020-01-03T00:00:00Z'), 2)
      assert.equal(await store.stepLogs.prune('2020-01-03T00:00:00Z'), 0)
      assert.deepEqual(
        (await store.stepLogs.list(rolloutUid)).map(({ attempt }) => attempt),
        [3],
      )
    })
  })
}
