import { seal, unseal } from '../sealed.ts'
import type { Recording } from '../recording-store.ts'
import { all, apart, one, run, turn, type Work } from './work.ts'

const prunedAtOnce = 50

const nameOf = (id: string, number: number): string => `recording/${id}/${number}`

function* remove(id: string): Work<void> {
  yield* run('DELETE FROM recording_pieces WHERE id = ?', id)
  yield* run('DELETE FROM recordings WHERE id = ?', id)
}

/** What shells showed, each piece sealed. */
export function recordingOperations(blobKey: Uint8Array) {
  return {
    'recordings.begin': apart(function* ({ id, at, workspaceUid, projectUid }: Recording) {
      const text = 'INSERT INTO recordings VALUES (?, ?, NULL, ?, ?, 0)'
      yield* run(text, id, Date.parse(at), workspaceUid, projectUid)
    }),
    'recordings.append': turn(function* (id: string, number: number, bytes: Uint8Array) {
      const sealed = seal(blobKey, nameOf(id, number), bytes)
      yield* run('INSERT INTO recording_pieces VALUES (?, ?, ?)', id, number, sealed)
      yield* run('UPDATE recordings SET size = size + ? WHERE id = ?', sealed.length, id)
    }),
    'recordings.end': apart(function* (id: string, at: string) {
      yield* run('UPDATE recordings SET ended_at = ? WHERE id = ?', Date.parse(at), id)
    }),
    'recordings.get': apart(function* (id: string): Work<Recording | undefined> {
      const row = yield* one('SELECT * FROM recordings WHERE id = ?', id)
      if (row === undefined) return undefined
      return {
        id,
        at: new Date(Number(row['at'])).toISOString(),
        workspaceUid: String(row['workspace_uid']),
        projectUid: String(row['project_uid']),
      }
    }),
    'recordings.piece': apart(function* (id: string, number: number): Work<Uint8Array | undefined> {
      const row = yield* one('SELECT sealed FROM recording_pieces WHERE id = ? AND number = ?', id, number)
      return row === undefined ? undefined : unseal(blobKey, nameOf(id, number), row['sealed'] as Uint8Array)
    }),
    'recordings.remove': turn(remove),
    'recordings.prune': turn(function* (before: string, mostBytes: number): Work<number> {
      const old = yield* all(
        'SELECT id FROM recordings WHERE at < ? ORDER BY at LIMIT ?',
        Date.parse(before),
        prunedAtOnce,
      )
      const goes = old.map(({ id }) => String(id))
      if (goes.length === 0) {
        let size = Number((yield* one('SELECT coalesce(sum(size), 0) AS size FROM recordings'))?.['size'])
        // one that is being made goes last of all, by its age
        const text = 'SELECT id, size FROM recordings WHERE ended_at IS NOT NULL ORDER BY at LIMIT ?'
        const oldest = size > mostBytes ? yield* all(text, prunedAtOnce) : []
        for (const row of oldest) {
          if (size <= mostBytes) break
          size -= Number(row['size'])
          goes.push(String(row['id']))
        }
      }
      for (const id of goes) yield* remove(id)
      return goes.length
    }),
  }
}
