import type { SQLInputValue } from 'node:sqlite'
import type { ApiToken } from './store.ts'

type Row = Record<string, unknown>

export interface Statements {
  readonly all: (sql: string, ...values: SQLInputValue[]) => Row[]
  readonly one: (sql: string, ...values: SQLInputValue[]) => Row | undefined
  /** How many rows changed. */
  readonly run: (sql: string, ...values: SQLInputValue[]) => number
}

export function apiTokenOperations({ all, one, run }: Statements) {
  return {
    'apiTokens.put': (token: ApiToken): void => {
      run(
        'INSERT INTO api_tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        token.tokenHash,
        token.id,
        token.userUid,
        token.name,
        token.access,
        token.project?.name ?? null,
        token.project?.uid ?? null,
        token.createdBy,
        token.createdAt,
        token.expiresAt,
        token.lastUsedAt ?? null,
      )
    },
    'apiTokens.get': (tokenHash: string): ApiToken | undefined => {
      const row = one('SELECT * FROM api_tokens WHERE token_hash = ?', tokenHash)
      return row === undefined ? undefined : read(row)
    },
    'apiTokens.list': (userUid: string): ApiToken[] =>
      all('SELECT * FROM api_tokens WHERE user_uid = ? ORDER BY created_at DESC, id LIMIT 500', userUid).map(read),
    'apiTokens.delete': (userUid: string, id: string): boolean =>
      run('DELETE FROM api_tokens WHERE user_uid = ? AND id = ?', userUid, id) > 0,
    'apiTokens.use': (tokenHash: string, at: string): void =>
      void run('UPDATE api_tokens SET last_used_at = ? WHERE token_hash = ?', at, tokenHash),
    'apiTokens.deleteExpired': (before: string): number => run('DELETE FROM api_tokens WHERE expires_at <= ?', before),
  }
}

function read(row: Row): ApiToken {
  const text = (name: string): string => String(row[name])
  return {
    tokenHash: text('token_hash'),
    id: text('id'),
    userUid: text('user_uid'),
    name: text('name'),
    access: row['access'] === 'write' ? 'write' : 'read',
    ...(row['project_uid'] === null ? {} : { project: { name: text('project'), uid: text('project_uid') } }),
    createdBy: text('created_by'),
    createdAt: text('created_at'),
    expiresAt: text('expires_at'),
    ...(row['last_used_at'] === null ? {} : { lastUsedAt: text('last_used_at') }),
  }
}
