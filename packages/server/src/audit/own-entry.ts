import { randomUUID } from 'node:crypto'
import type { AuditEntry } from '@flotilla/api'

/** What the audit says about itself. */
export function ownEntry(now: number, verb: string, details: NonNullable<AuditEntry['details']>): AuditEntry {
  return {
    request: randomUUID(),
    at: new Date(now).toISOString(),
    source: 'audit',
    actor: { name: 'flotilla', groups: [] },
    verb,
    target: {},
    result: 'allowed',
    details,
  }
}
