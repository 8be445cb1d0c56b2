import type { ApiToken } from '../store.ts'
import { all, apart, one, type Row, run } from './work.ts'

export const apiTokenOperations = {
  'apiTokens.put': apart(function* (token: ApiToken) {
    yield* run(
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
  }),
  'apiTokens.get': apart(function* (tokenHash: string) {
    const row = yield* one('SELECT * FROM api_tokens WHERE token_hash = ?', tokenHash)
    return row === undefined ? undefined : read(row)
  }),
  'apiTokens.list': apart(function* (userUid: string) {
    const text = 'SELECT * FROM api_tokens WHERE user_uid = ? ORDER BY created_at DESC, id LIMIT 500'
    return (yield* all(text, userUid)).map(read)
  }),
  'apiTokens.delete': apart(function* (userUid: string, id: string) {
    return (yield* run('DELETE FROM api_tokens WHERE user_uid = ? AND id = ?', userUid, id)) > 0
  }),
  'apiTokens.use': apart(function* (tokenHash: string, at: string) {
    yield* run('UPDATE api_tokens SET last_used_at = ? WHERE token_hash = ?', at, tokenHash)
  }),
  'apiTokens.deleteExpired': apart((before: string) => run('DELETE FROM api_tokens WHERE expires_at <= ?', before)),
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
