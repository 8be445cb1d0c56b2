import type { DatabaseSync } from 'node:sqlite'
import { canonicalJson } from '@flotilla/model'
import { genesis, linkHash } from '../chain.ts'

/** As somebody would who has the file: every record from `from` on, with hashes that follow from each other. */
export function rewriteChain(
  database: DatabaseSync,
  from: number,
  change: (record: Record<string, unknown>) => void,
): void {
  let previous =
    from === 1
      ? genesis.hash
      : String(database.prepare('SELECT hash FROM audit WHERE sequence = ?').get(from - 1)?.['hash'])
  for (const row of database
    .prepare('SELECT sequence, record FROM audit WHERE sequence >= ? ORDER BY sequence')
    .all(from)) {
    const record = JSON.parse(String(row['record'])) as Record<string, unknown>
    if (row['sequence'] === from) change(record)
    const text = canonicalJson(record)
    previous = linkHash(previous, text)
    const { actor } = record as { actor: { name: string; uid: string } }
    database
      .prepare('UPDATE audit SET record = ?, hash = ?, actor = ?, actor_uid = ? WHERE sequence = ?')
      .run(text, previous, actor.name, actor.uid, Number(row['sequence']))
  }
}
