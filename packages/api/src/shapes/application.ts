import { ApplicationSpec, Finding, HealthState, ResolvedSource } from '@flotilla/model'
import { z } from 'zod'
import { ConnectionView } from './cluster.ts'
import { KubeObjectShape, several, whole } from './wire.ts'

/**
 * The status in one sentence: what, why, since when. `code` and `clusters` let a screen say the headline in its own
 * language; `detail` is what the clusters and charts said, as they said it.
 */
export const Sentence = z.object({
  code: z.enum([
    'healthy',
    'progressing',
    'waiting',
    'suspended',
    'missing',
    'degraded',
    'failed',
    'unknown',
    'paused',
    'blocked',
    'unplaced',
    'removing',
  ]),
  headline: z.string().describe('Such as "Failing in west"'),
  detail: z.string().describe('Why; empty when there is nothing to add'),
  since: z.string().optional(),
  clusters: z.array(z.string()).describe('Clusters that it speaks of'),
  component: z.string().optional(),
})
export type Sentence = z.infer<typeof Sentence>

export const HealthCount = z.object({
  state: HealthState.describe('The worst known state'),
  unknown: z.number().int(),
  total: z.number().int(),
})

export const ApplicationRow = z.object({
  project: z.string(),
  workspace: z.string().optional(),
  name: z.string(),
  uid: z.string(),
  health: HealthCount,
  sentence: Sentence,
  components: z.array(z.object({ name: z.string(), source: z.string(), version: z.string().optional() })),
  clusters: z.array(z.object({ cluster: z.string(), namespace: z.string(), health: HealthState })),
  targets: z.object({
    total: z.number().int(),
    current: z.number().int(),
    healthy: z.number().int(),
    unknown: z.number().int(),
  }),
  paused: z.boolean(),
  drifted: z.boolean(),
  findings: z.number().int(),
  revision: z.number().int().optional(),
  changedAt: z.string().optional().describe('When the newest revision came into being'),
  createdAt: z.string(),
})
export type ApplicationRow = z.infer<typeof ApplicationRow>

export const ApplicationQuery = z.object({
  q: z.string().max(200).optional().describe('Part of a name, project, component or version'),
  health: several(20).optional(),
  cluster: several().optional(),
  project: several().optional(),
  workspace: several().optional(),
  sort: z.enum(['name', '-name', 'project', '-project', 'health', '-health', 'changed', '-changed']).default('name'),
  limit: whole(1, 500).default(100),
  continue: z.string().max(512).optional(),
})

export const MatrixTarget = z.object({
  cluster: z.string(),
  namespace: z.string(),
  environment: z.string().optional(),
  delivery: z.string().optional().describe('Name of its Delivery, once there is one'),
  connection: ConnectionView.optional().describe('Absent when the cluster is not in the fleet any more'),
  health: HealthState,
  message: z.string().optional(),
  phase: z.string().optional().describe('What delivery does there: Settled, Applying, WaitingHealth ...'),
  unknownSince: z.string().optional(),
  waitingFor: z.string().optional(),
  waitingSince: z.string().optional(),
  current: z.boolean().describe('What is applied is what is wanted'),
  revision: z.number().int().optional().describe('Applied revision'),
  helmChanged: z.string().optional(),
})
export type MatrixTarget = z.infer<typeof MatrixTarget>

export const MatrixComponent = z.object({
  name: z.string(),
  type: z.enum(['helm', 'kustomize', 'manifests']),
  source: z.string().describe('Where it comes from, for a person'),
  version: z.string().optional().describe('What the source was resolved to'),
})

export const MatrixCell = z.object({
  component: z.string(),
  cluster: z.string(),
  namespace: z.string(),
  version: z.string().optional().describe('What is applied'),
  nextVersion: z.string().optional().describe('What is wanted, where it differs'),
  health: HealthState,
  message: z.string().optional(),
  ready: z.number().int().optional().describe('Pods ready'),
  wanted: z.number().int().optional().describe('Pods wanted'),
  images: z.array(z.string()),
  ownOverrides: z.number().int().describe('Overrides that single this target out'),
  drift: z.enum(['None', 'Drifted', 'Unknown']),
})
export type MatrixCell = z.infer<typeof MatrixCell>

export const WaitingFor = z.object({
  what: z.string(),
  since: z.string().optional(),
  cluster: z.string().optional(),
})

export const ApplicationDetail = z.object({
  application: KubeObjectShape.describe('The Application as it is in the host'),
  project: z.string(),
  workspace: z.string().optional(),
  name: z.string(),
  health: HealthCount,
  sentence: Sentence,
  matrix: z.object({
    targets: z.array(MatrixTarget),
    components: z.array(MatrixComponent),
    cells: z.array(MatrixCell),
  }),
  findings: z.array(Finding),
  waitingFor: z.array(WaitingFor),
  paused: z.boolean(),
  revision: z.number().int().optional(),
  sources: z.array(ResolvedSource),
})
export type ApplicationDetail = z.infer<typeof ApplicationDetail>

export const RevisionRow = z.object({
  revision: z.number().int(),
  at: z.string(),
  by: z.string().describe('Name of the person, or flotilla for a source that moved'),
  reason: z.string(),
  sources: z.array(ResolvedSource),
  targets: z.number().int(),
  current: z.boolean(),
})
export type RevisionRow = z.infer<typeof RevisionRow>
export const RevisionDetail = RevisionRow.extend({ spec: ApplicationSpec })
export type RevisionDetail = z.infer<typeof RevisionDetail>

/** What a change of an application was accepted as; what comes of it is seen in its status. */
export const Accepted = z.object({
  project: z.string(),
  application: z.string(),
  generation: z.number().int().optional(),
  syncRequest: z.string().optional().describe('Of a sync: what status.syncRequest says once it was taken up'),
  changed: z.boolean().describe('False when it was so already'),
  paused: z.boolean().optional().describe('True while it is paused: nothing is delivered until it is resumed'),
})
export type Accepted = z.infer<typeof Accepted>
