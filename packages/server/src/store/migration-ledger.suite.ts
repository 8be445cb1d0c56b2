import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { asFlotillaError } from '@flotilla/model'
import * as fc from 'fast-check'
import type { MigrationClaim, MigrationEnd } from './migration-ledger.ts'
import { migrationCursor } from './page-cursor.ts'
import type { Store } from './store.ts'

const minute = (n: number): string => new Date(Date.parse('2026-01-01T00:00:00Z') + n * 60_000).toISOString()

export const exampleClaim = (fields: Partial<MigrationClaim> = {}): MigrationClaim => ({
  projectUid: 'uid-shop',
  project: 'shop',
  application: 'web',
  digest: `sha256:${randomUUID()}`,
  scope: 'database:orders',
  name: 'migrate-orders',
  holder: 'rollout/staging/1',
  job: { cluster: 'east', namespace: 'shop', name: 'migrate-orders-1' },
  reversible: false,
  idempotent: false,
  startedAt: minute(0),
  ...fields,
})

/** What every store must do with migrations. `open` opens the same store again each time, as another server would. */
export function describeMigrationLedger(name: string, open: () => Promise<Store>, shared: boolean): void {
  describe(name, () => {
    let store: Store
    before(async () => {
      store = await open()
    })
    after(() => store.close())
    const reopen = async (): Promise<void> => {
      await store.close()
      store = await open()
    }

    test('lets one of many begin it who come at once, on every server', async (t) => {
      const stores = shared ? [store, await open()] : [store]
      t.after(() => Promise.all(stores.slice(1).map((other) => other.close())))
      const claim = exampleClaim()
      const begun = await Promise.all(
        Array.from({ length: 60 }, (_, at) =>
          (stores[at % stores.length] ?? store).migrationLedger.begin({ ...claim, holder: `holder-${at}` }),
        ),
      )
      assert.equal(begun.filter(({ mine }) => mine).length, 1)
      assert.equal(new Set(begun.map(({ record }) => record.holder)).size, 1)
      assert.ok(begun.every(({ record }) => record.state === 'Running' && record.runs === 1))
    })

    test('gives what its holder has running back to it after a kill, and ends it once', async () => {
      const claim = exampleClaim()
      const first = await store.migrationLedger.begin(claim)
      assert.deepEqual(first, { mine: true, record: { ...claim, state: 'Running', runs: 1 } })
      await reopen()
      const again = await store.migrationLedger.begin({ ...claim, startedAt: minute(9) })
      assert.deepEqual(again, first)
      const end: MigrationEnd = { state: 'Succeeded', message: 'exit 0', at: minute(1) }
      assert.equal(await store.migrationLedger.end(claim, 'somebody else', end), false)
      assert.equal(await store.migrationLedger.end(claim, claim.holder, end), true)
      await reopen()
      assert.equal(await store.migrationLedger.end(claim, claim.holder, end), true, 'the same end again')
      assert.equal(await store.migrationLedger.end(claim, claim.holder, { state: 'Failed', at: minute(2) }), false)
      const ended = { ...first.record, state: 'Succeeded', message: 'exit 0', endedAt: minute(1) }
      assert.deepEqual(await store.migrationLedger.get(claim), ended)
      // whoever comes, and however often
      for (const holder of [claim.holder, 'later']) {
        const late = await store.migrationLedger.begin({ ...claim, holder, idempotent: true })
        assert.deepEqual(late, { mine: false, record: ended })
      }
    })

    test('keeps places and projects apart', async () => {
      const claim = exampleClaim()
      const others = [{ scope: 'target:east/shop' }, { projectUid: 'uid-other' }, { digest: `${claim.digest}0` }]
      for (const other of [{}, ...others])
        assert.equal((await store.migrationLedger.begin({ ...claim, ...other })).mine, true)
      assert.equal(await store.migrationLedger.get({ ...claim, scope: 'database:none' }), undefined)
    })

    test('begins a failed one again, by whoever comes, and as it is now', async () => {
      const claim = exampleClaim()
      await store.migrationLedger.begin(claim)
      await store.migrationLedger.end(claim, claim.holder, { state: 'Failed', message: 'exit 1', at: minute(1) })
      const other = { ...claim, holder: 'rollout/staging/2', startedAt: minute(2), reversible: true }
      const again = await store.migrationLedger.begin(other)
      assert.deepEqual(again, { mine: true, record: { ...other, state: 'Running', runs: 2 } })
      assert.equal((await store.migrationLedger.begin(claim)).mine, false, 'the first one is too late')
      assert.equal(await store.migrationLedger.end(claim, claim.holder, { state: 'Failed', at: minute(3) }), false)
    })

    test('stops at an uncertain one until a person says how it ended, unless it is idempotent', async () => {
      const claim = exampleClaim()
      const { migrationLedger: ledger } = store
      const answer = { outcome: 'Succeeded', by: 'ana', reason: 'looked at the tables', at: minute(5) } as const
      await ledger.begin(claim)
      assert.equal(await ledger.resolve(claim, answer), false, 'it runs')
      await ledger.end(claim, claim.holder, { state: 'Uncertain', message: 'evicted', at: minute(1) })
      assert.equal((await ledger.begin({ ...claim, holder: 'other' })).mine, false)
      assert.equal(await ledger.end(claim, claim.holder, { state: 'Succeeded', at: minute(2) }), false)
      const both = await Promise.all([ledger.resolve(claim, answer), ledger.resolve(claim, answer)])
      assert.deepEqual(new Set(both), new Set([false, true]))
      const record = await ledger.get(claim)
      const { by, reason, at } = answer
      assert.deepEqual([record?.state, record?.message, record?.endedAt], ['Succeeded', 'evicted', minute(1)])
      assert.deepEqual(record?.resolved, { by, reason, at })

      const idempotent = exampleClaim({ idempotent: true })
      await ledger.begin(idempotent)
      await ledger.end(idempotent, idempotent.holder, { state: 'Uncertain', at: minute(1) })
      const again = await ledger.begin({ ...idempotent, holder: 'other' })
      assert.deepEqual([again.mine, again.record.runs, again.record.endedAt], [true, 2, undefined])

      const failed = exampleClaim()
      await ledger.begin(failed)
      await ledger.end(failed, failed.holder, { state: 'Uncertain', at: minute(1) })
      assert.equal(await ledger.resolve(failed, { ...answer, outcome: 'Failed' }), true)
      const after = await ledger.begin({ ...failed, holder: 'other' })
      assert.deepEqual([after.mine, after.record.resolved], [true, undefined])
    })

    test('never has two who run one, and never begins what succeeded, whatever happens in whatever order', async () => {
      const holder = fc.constantFrom('a', 'b', 'c')
      const event = fc.oneof(
        fc.record({ do: fc.constant('begin' as const), holder, idempotent: fc.boolean() }),
        fc.record({
          do: fc.constant('end' as const),
          holder,
          state: fc.constantFrom<MigrationEnd['state']>('Succeeded', 'Failed', 'Uncertain'),
        }),
        fc.record({ do: fc.constant('resolve' as const), outcome: fc.constantFrom('Succeeded', 'Failed') }),
      )
      const { migrationLedger: ledger } = store
      await fc.assert(
        fc.asyncProperty(fc.array(event, { minLength: 4, maxLength: 14 }), async (events) => {
          const claim = exampleClaim()
          for (const one of events) {
            const was = await ledger.get(claim)
            if (one.do === 'begin') {
              const { mine, record } = await ledger.begin({ ...claim, ...one })
              assert.deepEqual(await ledger.get(claim), record)
              assert.equal(mine, record.state === 'Running' && record.holder === one.holder)
              const fresh = record.runs !== (was?.runs ?? 0)
              const may = was === undefined || was.state === 'Failed' || (was.state === 'Uncertain' && one.idempotent)
              assert.equal(fresh, may)
              if (!fresh) assert.deepEqual(record, was)
            } else if (one.do === 'end') {
              const done = await ledger.end(claim, one.holder, { state: one.state, at: minute(1) })
              const mine = was?.holder === one.holder
              assert.equal(done, mine && (was.state === 'Running' || was.state === one.state))
              if (!done || was?.state !== 'Running') assert.deepEqual(await ledger.get(claim), was)
            } else {
              const done = await ledger.resolve(claim, { ...one, by: 'ana', reason: 'seen', at: minute(2) })
              assert.equal(done, was?.state === 'Uncertain')
            }
          }
        }),
        { numRuns: 40 },
      )
    })

    test('lists them newest first, in pages, also those that began at the same time', async () => {
      const projectUid = randomUUID()
      const claims = [0, 1, 1, 1, 2].map((at, index) =>
        exampleClaim({
          projectUid,
          startedAt: minute(at),
          digest: `sha256:${index}`,
          application: index % 2 ? 'web' : 'api',
        }),
      )
      for (const claim of claims) await store.migrationLedger.begin(claim)
      const list = async (page: { application?: string; before?: string; limit: number }): Promise<string[]> =>
        (await store.migrationLedger.list(projectUid, page)).map(({ digest }) => digest.slice(-1))
      assert.deepEqual(await list({ limit: 9 }), ['4', '3', '2', '1', '0'])
      const [, last] = await store.migrationLedger.list(projectUid, { limit: 2 })
      assert.deepEqual(await list({ limit: 2, before: migrationCursor(last ?? assert.fail()) }), ['2', '1'])
      assert.deepEqual(await list({ limit: 9, before: minute(1) }), ['0'])
      assert.deepEqual(await list({ limit: 9, application: 'web' }), ['3', '1'])
      await assert.rejects(
        store.migrationLedger.list(projectUid, { limit: 9, before: 'nowhere' }),
        (thrown) => asFlotillaError(thrown).code === 'input.invalid',
      )
    })
  })
}
