import type {
  MigrationAnswer,
  MigrationBegun,
  MigrationClaim,
  MigrationEnd,
  MigrationKey,
  MigrationRecord,
} from '../migration-ledger.ts'
import type { PageCursor } from '../page-cursor.ts'
import { seal, unseal } from '../sealed.ts'
import { all, apart, one, type Row, run, turn, type Value, type Work } from './work.ts'

const longestText = 4_000

/** What people and Jobs said, which may say more than it should. */
type Said = Pick<MigrationRecord, 'message' | 'resolved'>

const ofKey = 'project_uid = ? AND digest = ? AND scope = ?'
const valuesOfKey = ({ projectUid, digest, scope }: MigrationKey): Value[] => [projectUid, digest, scope]
const nameOf = (key: MigrationKey): string => `migration/${JSON.stringify(valuesOfKey(key))}`

function* find(key: MigrationKey): Work<Row | undefined> {
  return yield* one(`SELECT * FROM migration_ledger WHERE ${ofKey}`, ...valuesOfKey(key))
}

/** Whether what stands there lets a claim begin it again. */
function mayBeginAgain(state: MigrationRecord['state'], claim: MigrationClaim): boolean {
  return state === 'Failed' || (state === 'Uncertain' && claim.idempotent)
}

/** One that begins, in the order of the table's columns. */
const rowOf = (claim: MigrationClaim, runs: number): Record<string, Value> => ({
  project_uid: claim.projectUid,
  digest: claim.digest,
  scope: claim.scope,
  project: claim.project,
  application: claim.application,
  name: claim.name,
  state: 'Running',
  holder: claim.holder,
  job_cluster: claim.job.cluster,
  job_namespace: claim.job.namespace,
  job_name: claim.job.name,
  reversible: claim.reversible ? 1 : 0,
  idempotent: claim.idempotent ? 1 : 0,
  runs,
  started_at: Date.parse(claim.startedAt),
  ended_at: null,
  said: null,
})

/** Which migrations ran, each once. */
export function migrationLedgerOperations(blobKey: Uint8Array) {
  const sealSaid = (key: MigrationKey, { message, resolved }: Said): Uint8Array | null => {
    if (message === undefined && resolved === undefined) return null
    const said: Said = {
      ...(message === undefined ? {} : { message: message.slice(0, longestText) }),
      ...(resolved === undefined ? {} : { resolved: { ...resolved, reason: resolved.reason.slice(0, longestText) } }),
    }
    return seal(blobKey, nameOf(key), Buffer.from(JSON.stringify(said)))
  }
  const saidOf = (key: MigrationKey, row: Row): Said => {
    const { said } = row
    if (!(said instanceof Uint8Array)) return {}
    return JSON.parse(Buffer.from(unseal(blobKey, nameOf(key), said)).toString()) as Said
  }
  const read = (row: Row): MigrationRecord => {
    const key = {
      projectUid: String(row['project_uid']),
      digest: String(row['digest']),
      scope: String(row['scope']),
    }
    return {
      ...key,
      project: String(row['project']),
      application: String(row['application']),
      name: String(row['name']),
      // only what is written here stands there
      state: String(row['state']) as MigrationRecord['state'],
      holder: String(row['holder']),
      job: {
        cluster: String(row['job_cluster']),
        namespace: String(row['job_namespace']),
        name: String(row['job_name']),
      },
      reversible: row['reversible'] === 1,
      idempotent: row['idempotent'] === 1,
      runs: Number(row['runs']),
      startedAt: timeOf(row['started_at']),
      ...(row['ended_at'] === null ? {} : { endedAt: timeOf(row['ended_at']) }),
      ...saidOf(key, row),
    }
  }

  return {
    'migrationLedger.begin': turn(function* (claim: MigrationClaim): Work<MigrationBegun> {
      const row = yield* find(claim)
      const there = row === undefined ? undefined : read(row)
      if (there !== undefined && !mayBeginAgain(there.state, claim))
        return { mine: there.state === 'Running' && there.holder === claim.holder, record: there }
      const begun = rowOf(claim, (there?.runs ?? 0) + 1)
      yield* run(`DELETE FROM migration_ledger WHERE ${ofKey}`, ...valuesOfKey(claim))
      yield* run(
        'INSERT INTO migration_ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        ...Object.values(begun),
      )
      return { mine: true, record: read(begun) }
    }),
    'migrationLedger.end': apart(function* (key: MigrationKey, holder: string, { state, message, at }: MigrationEnd) {
      const text = `UPDATE migration_ledger SET state = ?, ended_at = ?, said = ?
         WHERE ${ofKey} AND holder = ? AND state = 'Running'`
      const said = sealSaid(key, message === undefined ? {} : { message })
      if ((yield* run(text, state, Date.parse(at), said, ...valuesOfKey(key), holder)) > 0) return true
      const row = yield* find(key)
      return row?.['holder'] === holder && row['state'] === state
    }),
    'migrationLedger.resolve': turn(function* (key: MigrationKey, { outcome, by, reason, at }: MigrationAnswer) {
      const row = yield* find(key)
      if (row?.['state'] !== 'Uncertain') return false
      const said = sealSaid(key, { ...saidOf(key, row), resolved: { by, reason, at } })
      const text = `UPDATE migration_ledger SET state = ?, said = ? WHERE ${ofKey}`
      return (yield* run(text, outcome, said, ...valuesOfKey(key))) > 0
    }),
    'migrationLedger.get': apart(function* (key: MigrationKey): Work<MigrationRecord | undefined> {
      const row = yield* find(key)
      return row === undefined ? undefined : read(row)
    }),
    'migrationLedger.list': apart(function* (
      projectUid: string,
      application: string | undefined,
      before: PageCursor | undefined,
      limit: number,
    ): Work<readonly MigrationRecord[]> {
      const rows = yield* all(
        `SELECT * FROM migration_ledger WHERE project_uid = ?${application === undefined ? '' : ' AND application = ?'}${
          before === undefined ? '' : ' AND (started_at, digest, scope) < (?, ?, ?)'
        } ORDER BY started_at DESC, digest DESC, scope DESC LIMIT ?`,
        projectUid,
        ...(application === undefined ? [] : [application]),
        ...(before === undefined ? [] : [before.at, ...before.ties]),
        limit,
      )
      return rows.map(read)
    }),
  }
}

const timeOf = (value: unknown): string => new Date(Number(value)).toISOString()
