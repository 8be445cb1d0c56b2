import { FlotillaError } from '@flotilla/model/errors'
import type { Pool } from 'pg'
import { together } from './postgres-transaction.ts'

/**
 * The tables of the embedded store, in PostgreSQL's words. In order; one that was released never changes, a new one is
 * added at the end. Texts are compared by their bytes, as SQLite does, whatever the database's language.
 */
const migrations: readonly string[] = [
  `CREATE TABLE blobs (key TEXT COLLATE "C" PRIMARY KEY, sealed BYTEA NOT NULL, used_at BIGINT NOT NULL);
   -- what is sealed is compressed already
   ALTER TABLE blobs ALTER COLUMN sealed SET STORAGE EXTERNAL;
   CREATE INDEX blobs_used ON blobs (used_at);
   CREATE TABLE revisions (
     application_uid TEXT COLLATE "C" NOT NULL, revision BIGINT NOT NULL, content_hash TEXT NOT NULL,
     sealed BYTEA NOT NULL, PRIMARY KEY (application_uid, revision));
   ALTER TABLE revisions ALTER COLUMN sealed SET STORAGE EXTERNAL;
   CREATE TABLE sessions (
     token_hash TEXT COLLATE "C" PRIMARY KEY, user_uid TEXT NOT NULL, kind TEXT NOT NULL,
     created_at TEXT COLLATE "C" NOT NULL, expires_at TEXT COLLATE "C" NOT NULL);
   CREATE INDEX sessions_user ON sessions (user_uid);
   CREATE INDEX sessions_expiry ON sessions (expires_at);
   CREATE TABLE passwords (
     user_uid TEXT COLLATE "C" PRIMARY KEY, hash TEXT NOT NULL, failures INTEGER NOT NULL,
     locked_until TEXT, must_change INTEGER NOT NULL);
   CREATE TABLE facts (name TEXT COLLATE "C" PRIMARY KEY, value BYTEA NOT NULL);
   CREATE TABLE api_tokens (
     token_hash TEXT COLLATE "C" PRIMARY KEY, id TEXT COLLATE "C" NOT NULL UNIQUE, user_uid TEXT NOT NULL,
     name TEXT NOT NULL, access TEXT NOT NULL, project TEXT, project_uid TEXT, created_by TEXT NOT NULL,
     created_at TEXT COLLATE "C" NOT NULL, expires_at TEXT COLLATE "C" NOT NULL, last_used_at TEXT);
   CREATE INDEX api_tokens_user ON api_tokens (user_uid);
   CREATE TABLE audit (
     sequence BIGINT PRIMARY KEY, hash TEXT NOT NULL, at BIGINT NOT NULL, request TEXT NOT NULL,
     actor TEXT NOT NULL, actor_uid TEXT NOT NULL, source TEXT NOT NULL, verb TEXT NOT NULL, kind TEXT NOT NULL,
     cluster TEXT NOT NULL, workspace TEXT NOT NULL, workspace_uid TEXT NOT NULL, project TEXT NOT NULL,
     project_uid TEXT NOT NULL, name TEXT NOT NULL, result TEXT NOT NULL, record TEXT NOT NULL);
   CREATE INDEX audit_request ON audit (request);
   CREATE TABLE done_once (id TEXT COLLATE "C" PRIMARY KEY, until TEXT COLLATE "C" NOT NULL);
   CREATE INDEX done_once_until ON done_once (until);`,
  `CREATE TABLE recordings (
     id TEXT COLLATE "C" PRIMARY KEY, at BIGINT NOT NULL, ended_at BIGINT, workspace_uid TEXT NOT NULL,
     project_uid TEXT NOT NULL, size BIGINT NOT NULL);
   CREATE INDEX recordings_at ON recordings (at);
   CREATE TABLE recording_pieces (
     id TEXT COLLATE "C" NOT NULL, number BIGINT NOT NULL, sealed BYTEA NOT NULL, PRIMARY KEY (id, number));
   ALTER TABLE recording_pieces ALTER COLUMN sealed SET STORAGE EXTERNAL;`,
  `CREATE TABLE migration_ledger (
     project_uid TEXT COLLATE "C" NOT NULL, digest TEXT COLLATE "C" NOT NULL, scope TEXT COLLATE "C" NOT NULL,
     project TEXT NOT NULL,
     application TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, holder TEXT NOT NULL, job_cluster TEXT NOT NULL,
     job_namespace TEXT NOT NULL, job_name TEXT NOT NULL, reversible INTEGER NOT NULL, idempotent INTEGER NOT NULL,
     runs INTEGER NOT NULL, started_at BIGINT NOT NULL, ended_at BIGINT, said BYTEA,
     PRIMARY KEY (project_uid, digest, scope));
   CREATE INDEX migration_ledger_started ON migration_ledger (project_uid, started_at, digest, scope);
   CREATE TABLE step_logs (
     rollout_uid TEXT COLLATE "C" NOT NULL, step TEXT COLLATE "C" NOT NULL, attempt INTEGER NOT NULL,
     project_uid TEXT NOT NULL,
     at BIGINT NOT NULL, size INTEGER NOT NULL, sealed BYTEA NOT NULL, PRIMARY KEY (rollout_uid, step, attempt));
   ALTER TABLE step_logs ALTER COLUMN sealed SET STORAGE EXTERNAL;
   CREATE INDEX step_logs_at ON step_logs (at);
   CREATE TABLE history_runs (
     id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, delivery_uid TEXT NOT NULL,
     project_uid TEXT COLLATE "C" NOT NULL,
     project TEXT COLLATE "C" NOT NULL, workspace TEXT, application TEXT COLLATE "C" NOT NULL,
     cluster TEXT COLLATE "C" NOT NULL,
     namespace TEXT COLLATE "C" NOT NULL, environment TEXT, component TEXT COLLATE "C" NOT NULL, version TEXT,
     digest TEXT NOT NULL,
     images TEXT NOT NULL, release TEXT COLLATE "C", rollout TEXT, approved_by TEXT NOT NULL, author TEXT,
     from_at BIGINT NOT NULL, until_at BIGINT);
   CREATE UNIQUE INDEX history_runs_open ON history_runs (project_uid, application, cluster, namespace, component)
     WHERE until_at IS NULL;
   CREATE INDEX history_runs_from ON history_runs (from_at, id);
   CREATE INDEX history_runs_target ON history_runs (project_uid, application, cluster, namespace, from_at, until_at);
   CREATE INDEX history_runs_project ON history_runs (project, application, from_at, id);
   CREATE INDEX history_runs_cluster ON history_runs (cluster, from_at, id);
   CREATE INDEX history_runs_release ON history_runs (release, from_at, id);
   CREATE TABLE history_images (
     run_id BIGINT NOT NULL, number INTEGER NOT NULL, repository TEXT COLLATE "C" NOT NULL,
     tagged TEXT COLLATE "C" NOT NULL,
     digest TEXT COLLATE "C" NOT NULL, from_at BIGINT NOT NULL, until_at BIGINT, PRIMARY KEY (run_id, number));
   CREATE INDEX history_images_repository ON history_images (repository, from_at, run_id);
   CREATE INDEX history_images_tagged ON history_images (tagged, from_at, run_id);
   CREATE INDEX history_images_digest ON history_images (digest, from_at, run_id);
   CREATE INDEX history_images_running ON history_images (repository, from_at, run_id) WHERE until_at IS NULL;`,
]

/** Brings the database to this version of the program; one replica does it while the others wait. */
export async function migratePostgres(pool: Pool): Promise<void> {
  await together(pool, 'turn', async (client) => {
    await client.query('CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, at TIMESTAMPTZ NOT NULL)')
    const { rows } = await client.query<{ done: number }>('SELECT coalesce(max(number), 0) AS done FROM migrations')
    const done = rows[0]?.done ?? 0
    if (done > migrations.length) {
      throw new FlotillaError('store.unavailable', {
        message: `The database was written by a newer version (its migration ${done}, this program knows ${migrations.length}).`,
        remedy: 'Start the newer version, or restore a backup from before the upgrade.',
      })
    }
    for (const [index, sql] of migrations.entries()) {
      if (index < done) continue
      await client.query(sql)
      await client.query('INSERT INTO migrations VALUES ($1, now())', [index + 1])
    }
  })
}
