import { randomUUID } from 'node:crypto'
import type { AuditEntry } from '@flotilla/api'

export const exampleEntry = (fields: Partial<AuditEntry> = {}): AuditEntry => ({
  request: randomUUID(),
  at: '2026-01-01T00:00:00.000Z',
  source: 'api',
  actor: { name: 'ana', uid: 'uid-ana', groups: ['flotilla:platform:admin'], address: '10.0.0.1' },
  verb: 'applications.pause',
  target: {
    kind: 'Application',
    name: 'web',
    project: 'shop',
    projectUid: 'uid-shop',
    workspace: 'retail',
    workspaceUid: 'uid-retail',
  },
  result: 'allowed',
  ...fields,
})
