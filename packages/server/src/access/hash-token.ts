import { createHash } from 'node:crypto'

/** Tokens hold 256 random bits, so one round is enough. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
