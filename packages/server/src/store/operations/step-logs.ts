import { seal, unseal } from '../sealed.ts'
import type { StepLog, StepLogEntry, StepLogKey } from '../step-logs.ts'
import { all, apart, one, type Row, run, type Work } from './work.ts'

const longestList = 5_000
const prunedAtOnce = 500

const nameOf = ({ rolloutUid, step, attempt }: StepLogKey): string =>
  `step-log/${JSON.stringify([rolloutUid, step, attempt])}`

const timeOf = (row: Row): string => new Date(Number(row['at'])).toISOString()

/** What steps of rollouts said, each log sealed. */
export function stepLogOperations(blobKey: Uint8Array) {
  return {
    'stepLogs.put': apart(function* (log: StepLog) {
      const bytes = Buffer.from(log.text)
      yield* run(
        `INSERT INTO step_logs VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (rollout_uid, step, attempt) DO UPDATE SET
         project_uid = excluded.project_uid, at = excluded.at, size = excluded.size, sealed = excluded.sealed`,
        log.rolloutUid,
        log.step,
        log.attempt,
        log.projectUid,
        Date.parse(log.at),
        bytes.length,
        seal(blobKey, nameOf(log), bytes),
      )
    }),
    'stepLogs.get': apart(function* (
      rolloutUid: string,
      step: string,
      attempt: number | undefined,
    ): Work<StepLog | undefined> {
      const text = 'SELECT * FROM step_logs WHERE rollout_uid = ? AND step = ?'
      const row = yield* attempt === undefined
        ? one(`${text} ORDER BY attempt DESC LIMIT 1`, rolloutUid, step)
        : one(`${text} AND attempt = ?`, rolloutUid, step, attempt)
      if (row === undefined) return undefined
      const key = { rolloutUid, step, attempt: Number(row['attempt']) }
      const bytes = unseal(blobKey, nameOf(key), row['sealed'] as Uint8Array)
      return { ...key, projectUid: String(row['project_uid']), text: Buffer.from(bytes).toString(), at: timeOf(row) }
    }),
    'stepLogs.list': apart(function* (rolloutUid: string): Work<readonly StepLogEntry[]> {
      const text = 'SELECT step, attempt, at, size FROM step_logs WHERE rollout_uid = ? ORDER BY step, attempt LIMIT ?'
      return (yield* all(text, rolloutUid, longestList)).map((row) => ({
        step: String(row['step']),
        attempt: Number(row['attempt']),
        at: timeOf(row),
        bytes: Number(row['size']),
      }))
    }),
    'stepLogs.prune': apart((before: string) =>
      run(
        `DELETE FROM step_logs WHERE (rollout_uid, step, attempt) IN
         (SELECT rollout_uid, step, attempt FROM step_logs WHERE at < ? ORDER BY at LIMIT ?)`,
        Date.parse(before),
        prunedAtOnce,
      ),
    ),
  }
}
