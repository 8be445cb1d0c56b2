import { createHash } from 'node:crypto'
import { FlotillaError } from '@flotilla/model/errors'
import { seal, unseal } from '../sealed.ts'
import type { Revision } from '../store.ts'
import { all, apart, one, type Row, run, turn } from './work.ts'

const nameOf = (uid: string, revision: number): string => `revision/${uid}/${revision}`

/** What applications were, each state sealed. */
export function revisionOperations(blobKey: Uint8Array) {
  const read = (row: Row): Revision => {
    const name = nameOf(String(row['application_uid']), Number(row['revision']))
    return JSON.parse(Buffer.from(unseal(blobKey, name, row['sealed'] as Uint8Array)).toString()) as Revision
  }
  return {
    'revisions.append': apart(function* (revision: Revision) {
      const { applicationUid: uid, revision: number } = revision
      // what it says, not when it was said: a crash between append and status comes back with another time
      const { at: _at, ...said } = revision
      const hash = createHash('sha256').update(blobKey).update(JSON.stringify(said)).digest('hex')
      const sealed = seal(blobKey, nameOf(uid, number), Buffer.from(JSON.stringify(revision)))
      const insert = 'INSERT INTO revisions VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING'
      if ((yield* run(insert, uid, number, hash, sealed)) > 0) return
      const there = 'SELECT content_hash FROM revisions WHERE application_uid = ? AND revision = ?'
      if ((yield* one(there, uid, number))?.['content_hash'] === hash) return
      throw new FlotillaError('request.conflict', {
        message: `Revision ${number} of application ${revision.application} is written already, with other content`,
      })
    }),
    'revisions.get': apart(function* (uid: string, revision: number) {
      const row = yield* one('SELECT * FROM revisions WHERE application_uid = ? AND revision = ?', uid, revision)
      return row === undefined ? undefined : read(row)
    }),
    'revisions.latest': apart(function* (uid: string) {
      const text = 'SELECT * FROM revisions WHERE application_uid = ? ORDER BY revision DESC LIMIT 1'
      const row = yield* one(text, uid)
      return row === undefined ? undefined : read(row)
    }),
    'revisions.list': apart(function* (uid: string, before: number, limit: number) {
      const text = 'SELECT * FROM revisions WHERE application_uid = ? AND revision < ? ORDER BY revision DESC LIMIT ?'
      return (yield* all(text, uid, before, limit)).map(read)
    }),
    'revisions.applications': apart(function* (after: string, limit: number) {
      const text =
        'SELECT DISTINCT application_uid AS uid FROM revisions WHERE application_uid > ? ORDER BY application_uid LIMIT ?'
      return (yield* all(text, after, limit)).map(({ uid }) => String(uid))
    }),
    'revisions.prune': turn(function* (
      uid: string,
      left: { readonly newest: number; readonly keep: ReadonlySet<number> },
    ) {
      // both databases skip only in front of a limit
      const text = 'SELECT revision FROM revisions WHERE application_uid = ? ORDER BY revision DESC LIMIT ? OFFSET ?'
      const older = yield* all(text, uid, Number.MAX_SAFE_INTEGER, left.newest)
      const goes = older.map(({ revision }) => Number(revision)).filter((number) => !left.keep.has(number))
      for (const number of goes)
        yield* run('DELETE FROM revisions WHERE application_uid = ? AND revision = ?', uid, number)
      return goes.length
    }),
  }
}
