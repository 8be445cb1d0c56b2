import { z } from 'zod'
import { HealthState } from '../health.ts'
import { dnsLabel } from '../names.ts'
import { ClusterChoice, LabelSelector, TargetChoice } from '../selectors.ts'
import { baseStatus, defineKind, listMap, objectSchema, preserveUnknown } from './define-kind.ts'
import { Component, Images, Values } from './source.ts'

export const JsonPatchOperation = z
  .object({
    op: z.enum(['add', 'remove', 'replace', 'test', 'move', 'copy']),
    path: z.string().max(2048).describe('JSON pointer (RFC 6901)'),
    from: z.string().max(2048).optional(),
    value: z.unknown().optional().meta(preserveUnknown),
  })
  .describe('One operation of a JSON patch (RFC 6902)')
export type JsonPatchOperation = z.infer<typeof JsonPatchOperation>

export const Patch = z.object({
  target: z
    .object({
      kind: z.string().min(1).max(63),
      name: z.string().min(1).max(253).optional(),
      group: z.string().max(253).optional(),
    })
    .describe('Rendered objects to change; every object of the kind when name is absent'),
  operations: z.array(JsonPatchOperation).min(1).max(100),
})
export type Patch = z.infer<typeof Patch>

export const Override = z.object({
  name: dnsLabel().describe('Shown wherever it says who set a value'),
  clusters: ClusterChoice.optional().describe(
    'Targets by cluster; flotilla.dev/environment is a label of each target. Absent: all',
  ),
  component: dnsLabel(40).optional().describe('Component it changes; all when absent'),
  values: Values.optional(),
  images: Images.optional(),
  patches: z.array(Patch).max(50).optional(),
  required: z
    .boolean()
    .default(false)
    .describe('Delivery stops when it matches no target or its patch finds no object; otherwise that is a finding'),
})
export type Override = z.infer<typeof Override>

export const Placement = z.object({
  clusters: ClusterChoice.optional(),
  environments: z.array(dnsLabel()).max(50).optional(),
  also: z.array(TargetChoice).max(100).optional().describe('Targets beside those'),
  except: z.array(TargetChoice).max(100).optional().describe('Targets that are left out, whatever chose them'),
})
export type Placement = z.infer<typeof Placement>

export const ApplicationSpec = z.object({
  components: z.array(Component).min(1).max(50).meta(listMap('name')),
  placement: Placement.default({}).describe("Which of the project's targets; all when empty"),
  standby: z
    .array(TargetChoice)
    .max(100)
    .optional()
    .describe('Targets that have everything, with nothing in them that acts by itself: CronJobs, Jobs and consumers'),
  move: dnsLabel()
    .optional()
    .describe('The Move that has it in hand, written by Flotilla; until it ends, placement and standby are its own'),
  overrides: z
    .array(Override)
    .max(200)
    .optional()
    .describe('What differs, in this order: later ones win')
    .meta(listMap('name')),
  dependsOn: z
    .array(dnsLabel())
    .max(20)
    .optional()
    .describe('Applications of the project that must be healthy first, per target'),
  mode: z
    .enum(['direct', 'governed'])
    .default('direct')
    .describe(
      'direct: an edit is delivered at once. governed: edits go into the next Release, and only a Rollout delivers',
    ),
  hold: z
    .object({ since: z.string().max(64), reason: z.string().min(1).max(1024), rollout: dnsLabel().optional() })
    .optional()
    .describe('Set by a rollback: nothing goes out by itself until somebody lifts it'),
  maxConcurrency: z.number().int().min(1).max(1000).default(5).describe('How many targets change at the same time'),
  driftPolicy: z
    .enum(['Repair', 'Report'])
    .default('Repair')
    .describe('What happens when an object is changed behind our back'),
  deletionPolicy: z
    .enum(['Delete', 'Keep'])
    .default('Delete')
    .describe('What happens to the delivered objects when the application, or a target, goes'),
  paused: z.boolean().default(false).describe('While true nothing is written to any cluster'),
  pollSeconds: z
    .number()
    .int()
    .min(10)
    .max(86_400)
    .default(60)
    .describe('How often moving sources (branches, tags, ranges) are looked at'),
  revisionHistoryLimit: z
    .number()
    .int()
    .min(1)
    .max(200)
    .optional()
    .describe('How many revisions are kept, beside those that a target still has; 20 when absent'),
  releaseHistoryLimit: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('How many releases that are over are kept, beside those that a target has; 50 when absent'),
})
export type ApplicationSpec = z.infer<typeof ApplicationSpec>

export const Finding = z.object({
  severity: z.enum(['Info', 'Warning', 'Error']),
  code: z.string().max(64),
  message: z.string().max(2048),
  component: z.string().optional(),
  cluster: z.string().optional(),
  field: z.string().max(512).optional(),
})
export type Finding = z.infer<typeof Finding>

export const ResolvedSource = z.object({
  component: z.string(),
  digest: z.string().describe('Digest of the content that is rendered'),
  version: z.string().optional().describe('Chart version, tag or commit that it was resolved to'),
  pinned: z.string().max(4096).optional().describe('Where exactly it was found; never changes under its feet'),
  resolvedAt: z.string(),
})
export type ResolvedSource = z.infer<typeof ResolvedSource>

export const ApplicationStatus = z.object({
  ...baseStatus,
  revision: z.number().int().optional().describe('Counts what was wanted over time; history names it'),
  syncRequest: z
    .string()
    .max(128)
    .optional()
    .describe('The sync request that this status speaks of: the sources were looked at since it was made'),
  sources: z.array(ResolvedSource).max(50).optional(),
  targets: z
    .object({
      total: z.number().int(),
      current: z.number().int(),
      healthy: z.number().int(),
      unknown: z.number().int(),
    })
    .optional(),
  health: HealthState.optional().describe('The worst known state over its targets'),
  message: z.string().max(4096).optional().describe('One sentence: what, why'),
  findings: z.array(Finding).max(100).optional(),
  editors: z
    .record(z.string().max(256), z.string().max(40))
    .optional()
    .describe('Who edited what releases contain, through Flotilla, with when last: they approve no release that has it')
    .meta({ maxProperties: 250 }),
})
export type ApplicationStatus = z.infer<typeof ApplicationStatus>

export const ApplicationKind = defineKind({
  kind: 'Application',
  plural: 'applications',
  singular: 'application',
  shortNames: ['fapp'],
  scope: 'Namespaced',
  description:
    'Components delivered to many clusters, with what differs per cluster. Lives in the host namespace of its project.',
  spec: ApplicationSpec,
  status: ApplicationStatus,
  printerColumns: [
    { name: 'Revision', type: 'integer', jsonPath: '.status.revision' },
    { name: 'Health', type: 'string', jsonPath: '.status.health' },
    { name: 'Targets', type: 'integer', jsonPath: '.status.targets.total' },
    { name: 'Healthy', type: 'integer', jsonPath: '.status.targets.healthy' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  validations: [
    {
      rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$')",
      message: 'metadata.name must be a DNS label of at most 40 characters',
    },
  ],
})
export const Application = objectSchema(ApplicationKind)
export type Application = z.infer<typeof Application>

/** The labels that selectors of overrides and placements see on a target. */
export type TargetLabels = LabelSelector['matchLabels'] & {}
