import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { openSqliteStore } from '../store/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import type { Anchor } from './anchors.ts'
import { exampleEntry } from './testing/example-entry.ts'
import { rewriteChain } from './testing/rewrite-chain.ts'
import { verifyChain } from './verify-chain.ts'

let root: string
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'flotilla-audit-'))
})
after(() => rm(root, { recursive: true, force: true }))

const names = Array.from({ length: 12 }, (_, at) => `app-${at + 1}`)

/** Twelve records, anchored after the fourth, the eighth and the last. */
async function written(dataDir: string): Promise<Anchor[]> {
  const store = await openSqliteStore({ dataDir })
  const anchors: Anchor[] = []
  for (const [at, name] of names.entries()) {
    const { sequence, hash } = await store.audit.append([exampleEntry({ target: { name } })])
    if (sequence % 4 === 0) anchors.push({ number: at, sequence, hash, at: '2026-01-01T00:00:00Z' })
  }
  await store.close()
  return anchors
}

const verify = (store: Store, known: readonly Anchor[]) =>
  verifyChain(store.audit, { known }, { now: () => 0, signal: AbortSignal.timeout(10_000) })

const blame = (record: Record<string, unknown>): void => {
  record['actor'] = { name: 'somebody else', uid: 'uid-else', groups: [] }
}

describe('a chain of twelve records, anchored at 4, 8 and 12', () => {
  const deeds: readonly (readonly [string, number | undefined, (database: DatabaseSync) => unknown])[] = [
    ['is intact as it was written', undefined, () => undefined],
    [
      'is broken where a record was changed',
      5,
      (db) => db.exec(`UPDATE audit SET record = replace(record, 'ana', 'eve') WHERE sequence = 5`),
    ],
    ['is broken where a record was taken out', 6, (db) => db.exec('DELETE FROM audit WHERE sequence = 6')],
    [
      'is broken where a record is listed as of somebody else',
      7,
      (db) => db.exec(`UPDATE audit SET actor = 'eve' WHERE sequence = 7`),
    ],
    ['is broken after its end was cut off', 11, (db) => db.exec('DELETE FROM audit WHERE sequence > 10')],
    ['is broken after its beginning was taken away', 1, (db) => db.exec('DELETE FROM audit WHERE sequence < 3')],
    ['rewritten whole, with hashes that fit, is found by the first anchor', 4, (db) => rewriteChain(db, 1, blame)],
    [
      'rewritten from the sixth on, with hashes that fit, is found by the anchor after it',
      8,
      (db) => rewriteChain(db, 6, blame),
    ],
    ['emptied is found by its anchors', 1, (db) => db.exec('DELETE FROM audit')],
  ]
  for (const [at, [what, sequence, deed]] of deeds.entries())
    test(what, async () => {
      const dataDir = join(root, String(at))
      const anchors = await written(dataDir)
      const database = new DatabaseSync(join(dataDir, 'flotilla.db'))
      deed(database)
      database.close()
      const store = await openSqliteStore({ dataDir })
      const verification = await verify(store, anchors)
      await store.close()
      assert.equal(verification.state, sequence === undefined ? 'intact' : 'broken')
      assert.equal(verification.found?.sequence, sequence, verification.found?.what)
      if (sequence === undefined) assert.equal(verification.anchors.compared, 3)
    })

  test('without anchors, one that was rewritten whole looks as if nothing was', async () => {
    const dataDir = join(root, 'none')
    await written(dataDir)
    const database = new DatabaseSync(join(dataDir, 'flotilla.db'))
    rewriteChain(database, 1, blame)
    database.close()
    const store = await openSqliteStore({ dataDir })
    assert.equal((await verify(store, [])).state, 'intact')
    await store.close()
  })

  test('holds after its oldest went, and is broken when more went than a record says', async () => {
    const dataDir = join(root, 'pruned')
    const anchors = await written(dataDir)
    const store = await openSqliteStore({ dataDir })
    assert.equal(
      await store.audit.prune({ before: '2000-01-01T00:00:00Z', most: 6, entry: exampleEntry({ source: 'audit' }) }),
      6,
    )
    const { state, oldest, anchors: compared } = await verify(store, anchors)
    assert.deepEqual([state, oldest, compared.compared], ['intact', 7, 2])
    await store.close()
    const database = new DatabaseSync(join(dataDir, 'flotilla.db'))
    database.exec('DELETE FROM audit WHERE sequence < 10')
    database.close()
    const again = await openSqliteStore({ dataDir })
    assert.equal((await verify(again, anchors)).found?.sequence, 7)
    await again.close()
  })
})
