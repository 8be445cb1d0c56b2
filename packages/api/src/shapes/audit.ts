import { z } from 'zod'
import { several, sought, whole } from './wire.ts'

/** `begun`: written before it happens; the record of how it ended comes later, or never when the server was killed. */
export const AuditResult = z.enum(['begun', 'allowed', 'denied', 'failed'])
export type AuditResult = z.infer<typeof AuditResult>

/** Through which door it came. `audit` is what the audit says about itself. */
export const AuditSource = z.enum(['api', 'kubernetes', 'controller', 'audit'])
export type AuditSource = z.infer<typeof AuditSource>

export const AuditChange = z.object({
  path: z.string().describe('Such as spec.components[0].values.replicas'),
  before: z.string().optional().describe('As JSON; secret values are masked. Absent: it was not there'),
  after: z.string().optional().describe('As JSON; secret values are masked. Absent: it is not there any more'),
})
export type AuditChange = z.infer<typeof AuditChange>

export const AuditEntry = z.object({
  request: z.string().describe('The same in every record of one request'),
  at: z.string().describe('RFC 3339, UTC'),
  source: AuditSource,
  actor: z.object({
    name: z.string().describe('Empty where nobody was signed in'),
    uid: z.string().optional(),
    groups: z.array(z.string()).describe('As whom: the groups that were impersonated'),
    session: z.string().optional().describe('Beginning of the hash of the session, never a secret'),
    address: z.string().optional(),
  }),
  verb: z.string().describe('Id of the route, verb of Kubernetes, or what a controller did'),
  target: z.object({
    kind: z.string().optional().describe('Kind, or plural and subresource such as pods/exec'),
    group: z.string().optional(),
    name: z.string().optional(),
    namespace: z.string().optional(),
    cluster: z.string().optional(),
    workspace: z.string().optional(),
    workspaceUid: z.string().optional(),
    project: z.string().optional(),
    projectUid: z.string().optional(),
  }),
  result: AuditResult,
  status: z.number().int().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  durationMs: z.number().int().optional(),
  changes: z.array(AuditChange).optional(),
  more: z.number().int().optional().describe('Changes that are not listed, since they are too many'),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
})
export type AuditEntry = z.infer<typeof AuditEntry>

export const AuditRecord = AuditEntry.extend({
  sequence: z.number().int(),
  hash: z
    .string()
    .describe('SHA-256 of the hash before, a line feed and this record without its hash as canonical JSON'),
})
export type AuditRecord = z.infer<typeof AuditRecord>

const time = z.iso.datetime({ offset: true })

export const AuditFilter = z.object({
  since: time.optional(),
  until: time.optional(),
  person: sought(253).optional().describe('Name or uid'),
  verb: several(100).optional().describe('A verb, or the beginning of one with a dot: applications.'),
  kind: several(100).optional(),
  source: z.union([AuditSource.transform((one) => [one]), z.array(AuditSource).max(4)]).optional(),
  cluster: several().optional(),
  workspace: several().optional(),
  project: several().optional(),
  name: sought(253).optional(),
  result: z
    .union([AuditResult.transform((one) => [one]), z.array(AuditResult).max(4)])
    .optional()
    .describe('Without it: all but what was begun and has ended'),
})
export type AuditFilter = z.output<typeof AuditFilter>

export const AuditQuery = AuditFilter.extend({
  limit: whole(1, 500).default(100),
  continue: z.string().max(40).optional(),
})

export const AuditPage = z.object({
  items: z.array(AuditRecord).describe('Newest first'),
  continue: z.string().optional().describe('Ask again with it for older ones; it may come with few items or none'),
  reads: z
    .enum(['all', 'some', 'none'])
    .describe('Whether the caller reads the audit of all, of some places, or of none'),
})

const Head = z.object({ sequence: z.number().int(), hash: z.string(), at: z.string() })

export const AuditVerification = z.object({
  state: z.enum(['intact', 'broken']),
  at: z.string().describe('When it was verified'),
  records: z.number().int(),
  oldest: z.number().int().optional(),
  head: Head.optional(),
  anchors: z.object({
    compared: z.number().int().describe('Anchors in the host that were held against the chain'),
    newest: Head.optional(),
    unknown: z.string().optional().describe('Why the anchors could not be read'),
  }),
  found: z
    .object({ sequence: z.number().int(), what: z.string() })
    .optional()
    .describe('The first record that is not as it was written'),
})
export type AuditVerification = z.infer<typeof AuditVerification>
