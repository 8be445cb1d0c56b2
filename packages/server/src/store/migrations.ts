import type { DatabaseSync } from 'node:sqlite'
import { FlotillaError } from '@flotilla/model/errors'

/** In order; one that was released never changes, a new one is added at the end. */
const migrations: readonly string[] = [
  `CREATE TABLE blobs (key TEXT PRIMARY KEY, sealed BLOB NOT NULL, used_at INTEGER NOT NULL) STRICT;
   CREATE INDEX blobs_used ON blobs (used_at);
   CREATE TABLE revisions (
     application_uid TEXT NOT NULL, revision INTEGER NOT NULL, content_hash TEXT NOT NULL, sealed BLOB NOT NULL,
     PRIMARY KEY (application_uid, revision)) STRICT, WITHOUT ROWID;
   CREATE TABLE sessions (
     token_hash TEXT PRIMARY KEY, user_uid TEXT NOT NULL, kind TEXT NOT NULL,
     created_at TEXT NOT NULL, expires_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE INDEX sessions_user ON sessions (user_uid);
   CREATE INDEX sessions_expiry ON sessions (expires_at);
   CREATE TABLE passwords (
     user_uid TEXT PRIMARY KEY, hash TEXT NOT NULL, failures INTEGER NOT NULL,
     locked_until TEXT, must_change INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE api_tokens (
     token_hash TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, user_uid TEXT NOT NULL, name TEXT NOT NULL,
     access TEXT NOT NULL, project TEXT, project_uid TEXT, created_by TEXT NOT NULL,
     created_at TEXT NOT NULL, expires_at TEXT NOT NULL, last_used_at TEXT) STRICT, WITHOUT ROWID;
   CREATE INDEX api_tokens_user ON api_tokens (user_uid);`,
  `CREATE TABLE audit (
     sequence INTEGER PRIMARY KEY, hash TEXT NOT NULL, at INTEGER NOT NULL, request TEXT NOT NULL,
     actor TEXT NOT NULL, actor_uid TEXT NOT NULL, source TEXT NOT NULL, verb TEXT NOT NULL, kind TEXT NOT NULL,
     cluster TEXT NOT NULL, workspace TEXT NOT NULL, workspace_uid TEXT NOT NULL, project TEXT NOT NULL,
     project_uid TEXT NOT NULL, name TEXT NOT NULL, result TEXT NOT NULL, record TEXT NOT NULL) STRICT;
   CREATE INDEX audit_request ON audit (request);`,
  `CREATE TABLE done_once (id TEXT PRIMARY KEY, until TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE INDEX done_once_until ON done_once (until);`,
  `CREATE TABLE recordings (
     id TEXT PRIMARY KEY, at INTEGER NOT NULL, ended_at INTEGER, workspace_uid TEXT NOT NULL, project_uid TEXT NOT NULL,
     size INTEGER NOT NULL) STRICT;
   CREATE INDEX recordings_at ON recordings (at);
   CREATE TABLE recording_pieces (
     id TEXT NOT NULL, number INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (id, number)) STRICT;`,
  `CREATE TABLE migration_ledger (
     project_uid TEXT NOT NULL, digest TEXT NOT NULL, scope TEXT NOT NULL, project TEXT NOT NULL,
     application TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, holder TEXT NOT NULL, job_cluster TEXT NOT NULL,
     job_namespace TEXT NOT NULL, job_name TEXT NOT NULL, reversible INTEGER NOT NULL, idempotent INTEGER NOT NULL,
     runs INTEGER NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, said BLOB,
     PRIMARY KEY (project_uid, digest, scope)) STRICT, WITHOUT ROWID;
   CREATE INDEX migration_ledger_started ON migration_ledger (project_uid, started_at, digest, scope);
   CREATE TABLE step_logs (
     rollout_uid TEXT NOT NULL, step TEXT NOT NULL, attempt INTEGER NOT NULL, project_uid TEXT NOT NULL,
     at INTEGER NOT NULL, size INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (rollout_uid, step, attempt)) STRICT;
   CREATE INDEX step_logs_at ON step_logs (at);
   CREATE TABLE history_runs (
     id INTEGER PRIMARY KEY, delivery_uid TEXT NOT NULL, project_uid TEXT NOT NULL,
     project TEXT NOT NULL, workspace TEXT, application TEXT NOT NULL, cluster TEXT NOT NULL,
     namespace TEXT NOT NULL, environment TEXT, component TEXT NOT NULL, version TEXT, digest TEXT NOT NULL,
     images TEXT NOT NULL, release TEXT, rollout TEXT, approved_by TEXT NOT NULL, author TEXT,
     from_at INTEGER NOT NULL, until_at INTEGER) STRICT;
   CREATE UNIQUE INDEX history_runs_open ON history_runs (project_uid, application, cluster, namespace, component)
     WHERE until_at IS NULL;
   CREATE INDEX history_runs_from ON history_runs (from_at, id);
   CREATE INDEX history_runs_target ON history_runs (project_uid, application, cluster, namespace, from_at, until_at);
   CREATE INDEX history_runs_project ON history_runs (project, application, from_at, id);
   CREATE INDEX history_runs_cluster ON history_runs (cluster, from_at, id);
   CREATE INDEX history_runs_release ON history_runs (release, from_at, id);
   CREATE TABLE history_images (
     run_id INTEGER NOT NULL, number INTEGER NOT NULL, repository TEXT NOT NULL, tagged TEXT NOT NULL,
     digest TEXT NOT NULL, from_at INTEGER NOT NULL, until_at INTEGER, PRIMARY KEY (run_id, number)) STRICT, WITHOUT ROWID;
   CREATE INDEX history_images_repository ON history_images (repository, from_at, run_id);
   CREATE INDEX history_images_tagged ON history_images (tagged, from_at, run_id);
   CREATE INDEX history_images_digest ON history_images (digest, from_at, run_id);
   CREATE INDEX history_images_running ON history_images (repository, from_at, run_id) WHERE until_at IS NULL;`,
]

/** Brings a database to this version of the program; one of a newer version is refused. Each step is one transaction. */
export function migrate(database: DatabaseSync): void {
  database.exec('CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, at TEXT NOT NULL) STRICT')
  const row = database.prepare('SELECT coalesce(max(number), 0) AS done FROM migrations').get()
  const done = Number(row?.['done'] ?? 0)
  if (done > migrations.length) {
    throw new FlotillaError('store.unavailable', {
      message: `The database was written by a newer version (its migration ${done}, this program knows ${migrations.length}).`,
      remedy: 'Start the newer version, or restore a backup from before the upgrade.',
    })
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < done) continue
    database.exec('BEGIN IMMEDIATE')
    try {
      database.exec(sql)
      database.prepare('INSERT INTO migrations VALUES (?, ?)').run(index + 1, new Date().toISOString())
      database.exec('COMMIT')
    } catch (thrown) {
      database.exec('ROLLBACK')
      throw thrown
    }
  }
}
