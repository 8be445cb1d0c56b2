import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { silentLog } from '@flotilla/engine'
import type { AuditEntry } from '@flotilla/api'
import { systemClock } from '@flotilla/kube'
import { asFlotillaError, FlotillaError } from '@flotilla/model'
import { type AuditLimits, createAuditLog } from './audit-log.ts'
import { exampleEntry } from './testing/example-entry.ts'

/** A stand-in for the store, whose disk is full when it is told so. */
function openLog(limits: Partial<AuditLimits> = {}) {
  const written: AuditEntry[] = []
  const batches: number[] = []
  const disk = { full: false, hangs: false }
  const log = createAuditLog({
    store: {
      append: async (entries) => {
        if (disk.hangs) await new Promise(() => undefined)
        if (disk.full) throw new FlotillaError('store.unavailable', { message: 'database or disk is full' })
        batches.push(entries.length)
        written.push(...entries)
        return { sequence: written.length, hash: '' }
      },
    },
    clock: systemClock,
    log: silentLog,
    limits: { gatherMs: 1, retryMs: 1, ...limits },
  })
  return { log, written, batches, disk }
}
const named = (name: string): AuditEntry => exampleEntry({ target: { name } })
const namesOf = (entries: readonly AuditEntry[]) => entries.map(({ target }) => target.name)

describe('the audit log (a stand-in for the store)', () => {
  test('brings what was noted in its order, many at a time', async () => {
    const { log, written, batches } = openLog({ gatherMs: 50 })
    const names = Array.from({ length: 120 }, (_, at) => String(at))
    for (const name of names) log.note(named(name))
    await log.flush()
    assert.deepEqual(namesOf(written), names)
    assert.equal(batches.length, 1)
    await log.close()
  })

  test('refuses what must be written first while it cannot be, and writes the rest when it can', async () => {
    const { log, written, disk } = openLog()
    disk.full = true
    log.note(named('noted'))
    await assert.rejects(
      log.write(named('privileged')),
      (thrown) => asFlotillaError(thrown).code === 'store.unavailable',
    )
    assert.equal(asFlotillaError(await log.write(named('x')).catch((thrown: unknown) => thrown)).status, 503)
    disk.full = false
    await log.write(named('again'))
    assert.deepEqual(namesOf(written), ['noted', 'again'])
    await log.close()
  })

  test('waits no longer than it may for a store that does not answer', async () => {
    const { log, disk } = openLog({ writeMs: 20 })
    disk.hangs = true
    await assert.rejects(log.write(named('x')), (thrown) => asFlotillaError(thrown).code === 'store.unavailable')
  })

  test('counts what found no room, in a record before what comes next', async () => {
    const { log, written, disk } = openLog({ waiting: 3, retryMs: 60_000 })
    disk.full = true
    for (const name of ['a', 'b', 'c', 'd', 'e']) log.note(named(name))
    await log.flush()
    disk.full = false
    await log.flush()
    assert.deepEqual(namesOf(written), [undefined, 'a', 'b', 'c'])
    assert.deepEqual([written[0]?.verb, written[0]?.details], ['audit.lost', { records: 2 }])
    await log.close()
  })

  test('writes what waits when it is closed, and nothing after', async () => {
    const { log, written } = openLog({ gatherMs: 60_000 })
    log.note(named('last'))
    await log.close()
    assert.deepEqual(namesOf(written), ['last'])
    await assert.rejects(log.write(named('late')))
  })
})
