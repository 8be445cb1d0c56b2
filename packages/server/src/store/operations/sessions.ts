import { computeFailures, type Failures, noFailures } from '../../access/count-failures.ts'
import type { PasswordRecord, Session } from '../store.ts'
import { apart, one, type Row, run, turn, type Work } from './work.ts'

/** Who is signed in, and by what password. */
export const sessionOperations = {
  'sessions.put': apart(function* (session: Session) {
    yield* run(
      `INSERT INTO sessions VALUES (?, ?, ?, ?, ?) ON CONFLICT (token_hash) DO UPDATE SET
       user_uid = excluded.user_uid, kind = excluded.kind, created_at = excluded.created_at, expires_at = excluded.expires_at`,
      session.tokenHash,
      session.userUid,
      session.kind,
      session.createdAt,
      session.expiresAt,
    )
  }),
  'sessions.get': apart(function* (tokenHash: string): Work<Session | undefined> {
    const row = yield* one('SELECT * FROM sessions WHERE token_hash = ?', tokenHash)
    if (row === undefined) return undefined
    return {
      tokenHash: String(row['token_hash']),
      userUid: String(row['user_uid']),
      kind: row['kind'] === 'cli' ? 'cli' : 'browser',
      createdAt: String(row['created_at']),
      expiresAt: String(row['expires_at']),
    }
  }),
  'sessions.delete': apart(function* (tokenHash: string) {
    yield* run('DELETE FROM sessions WHERE token_hash = ?', tokenHash)
  }),
  'sessions.deleteOfUser': apart(function* (userUid: string) {
    yield* run('DELETE FROM sessions WHERE user_uid = ?', userUid)
  }),
  'sessions.deleteExpired': apart((now: string) => run('DELETE FROM sessions WHERE expires_at <= ?', now)),

  'passwords.get': apart(function* (userUid: string): Work<PasswordRecord | undefined> {
    const row = yield* one('SELECT * FROM passwords WHERE user_uid = ?', userUid)
    if (row === undefined) return undefined
    return {
      userUid: String(row['user_uid']),
      hash: String(row['hash']),
      failures: Number(row['failures']),
      mustChange: row['must_change'] === 1,
      ...(typeof row['locked_until'] === 'string' ? { lockedUntil: row['locked_until'] } : {}),
    }
  }),
  'passwords.put': apart(function* (record: PasswordRecord) {
    yield* run(
      `INSERT INTO passwords VALUES (?, ?, ?, ?, ?) ON CONFLICT (user_uid) DO UPDATE SET
       hash = excluded.hash, failures = excluded.failures, locked_until = excluded.locked_until,
       must_change = excluded.must_change`,
      record.userUid,
      record.hash,
      record.failures,
      record.lockedUntil ?? null,
      record.mustChange ? 1 : 0,
    )
  }),
  'passwords.replace': apart(function* (userUid: string, hash: string, next: string) {
    const text = `UPDATE passwords SET hash = ?, failures = 0, locked_until = NULL, must_change = 0
       WHERE user_uid = ? AND hash = ?`
    return (yield* run(text, next, userUid, hash)) > 0
  }),
  'passwords.failed': turn(function* (userUid: string, hash: string, now: number): Work<Failures> {
    const before = failuresOf(yield* one('SELECT * FROM passwords WHERE user_uid = ? AND hash = ?', userUid, hash))
    if (before === undefined || before.lockedUntil > now) return before ?? noFailures
    const { count, lockedUntil } = computeFailures(before, now)
    const until = lockedUntil === 0 ? null : new Date(lockedUntil).toISOString()
    const text = 'UPDATE passwords SET failures = ?, locked_until = ? WHERE user_uid = ? AND hash = ?'
    yield* run(text, count, until, userUid, hash)
    return before
  }),
  'passwords.succeeded': turn(function* (userUid: string, hash: string, now: number): Work<Failures | undefined> {
    const before = failuresOf(yield* one('SELECT * FROM passwords WHERE user_uid = ? AND hash = ?', userUid, hash))
    if (before !== undefined && before.count > 0 && before.lockedUntil <= now)
      yield* run(
        'UPDATE passwords SET failures = 0, locked_until = NULL WHERE user_uid = ? AND hash = ?',
        userUid,
        hash,
      )
    return before
  }),
}

function failuresOf(row: Row | undefined): Failures | undefined {
  if (row === undefined) return undefined
  const until = row['locked_until']
  return { count: Number(row['failures']), lockedUntil: typeof until === 'string' ? Date.parse(until) : 0 }
}
