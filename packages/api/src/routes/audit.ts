import { group } from '@flotilla/model'
import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { AuditFilter, AuditPage, AuditQuery, AuditRecord, AuditVerification } from '../shapes/audit.ts'
import { AsciicastLine } from '../shapes/asciicast.ts'
import { needs } from './rights.ts'

/** The answer holds what was done in places where the caller may `audit` memberships. */
const whereOneMay = {
  kind: 'kubernetes',
  mode: 'filter',
  needs: [{ verb: 'audit', resource: 'memberships', group, scope: 'named' }],
} as const
const everywhere = needs('audit', 'memberships', 'cluster')

export const auditRoutes = [
  defineRoute('audit.list', {
    summary: 'Who did what, newest first: what I may read of it, filtered and paged by the server',
    params: undefined,
    query: AuditQuery,
    body: undefined,
    result: AuditPage,
    errors: ['input.invalid'],
    rights: whereOneMay,
  }),
  defineRoute('audit.export', {
    audited: 'after',
    summary: 'The same, oldest first and whole; one JSON document per line',
    params: undefined,
    query: AuditFilter,
    body: undefined,
    result: AuditRecord,
    errors: [],
    rights: whereOneMay,
  }),
  defineRoute('audit.recording', {
    audited: 'before',
    summary: 'What a shell showed, as asciicast v2; its id is in the audit record of the exec',
    params: z.object({ recording: z.uuid() }),
    query: undefined,
    body: undefined,
    result: AsciicastLine,
    errors: ['request.not_found', 'store.unavailable'],
    rights: whereOneMay,
  }),
  defineRoute('audit.verification', {
    summary: 'How the last verification of the chain went; absent before the first one',
    params: undefined,
    query: undefined,
    body: undefined,
    result: z.object({ last: AuditVerification.optional() }),
    errors: [],
    rights: everywhere,
  }),
  defineRoute('audit.verify', {
    summary: 'Compute the whole chain again and hold it against the anchors in the host',
    params: undefined,
    query: undefined,
    body: z.object({}).optional(),
    result: AuditVerification,
    errors: ['store.unavailable'],
    rights: everywhere,
  }),
]
