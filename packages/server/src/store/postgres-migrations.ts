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
