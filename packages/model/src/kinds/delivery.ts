import { z } from 'zod'
import { HealthState } from '../health.ts'
import { baseStatus, defineKind, objectSchema } from './define-kind.ts'
import { Finding } from './application.ts'

export const DesiredComponent = z.object({
  name: z.string(),
  digest: z.string().describe('Keyed digest of the rendered set; the set itself is a blob'),
  version: z.string().optional().describe('Version of the chart or commit'),
  appVersion: z.string().optional(),
  images: z.array(z.string()).max(50).optional(),
  releaseName: z.string().optional().describe('Helm release; absent for kustomize and manifests'),
  ownOverrides: z.number().int().default(0).describe('How many overrides single this target out'),
  leaveTo: z.array(z.string()).max(20).optional(),
  hookTimeoutSeconds: z.number().int().default(300),
})
export type DesiredComponent = z.infer<typeof DesiredComponent>

export const DeliverySpec = z.object({
  application: z.object({ name: z.string(), uid: z.string() }),
  project: z.object({
    name: z.string(),
    uid: z.string(),
    scope: z.enum(['Namespaced', 'Cluster']).default('Namespaced'),
  }),
  target: z.object({ cluster: z.string(), namespace: z.string(), environment: z.string().optional() }),
  desired: z
    .object({
      revision: z.number().int(),
      digest: z.string().describe('Over the digests of all components'),
      components: z.array(DesiredComponent).max(50),
      release: z.string().max(63).optional().describe('The Release that this came with, in governed mode'),
      rollout: z.string().max(63).optional().describe('The Rollout that wrote it, in governed mode'),
      rollback: z.boolean().optional().describe('It goes back: hooks of a rollback run, those of an upgrade do not'),
    })
    .optional()
    .describe('What is wanted in this target. Absent until it was rendered once'),
  driftPolicy: z.enum(['Repair', 'Report']).default('Repair'),
  deletionPolicy: z.enum(['Delete', 'Keep']).default('Delete'),
  paused: z.boolean().default(false),
  standby: z.boolean().optional().describe('Everything is there, and nothing of it acts by itself'),
  syncRequest: z
    .string()
    .max(128)
    .optional()
    .describe('Any new value asks to apply once more, over drift and over what helm did'),
})
export type DeliverySpec = z.infer<typeof DeliverySpec>

export const DeliveryPhase = z.enum([
  'Pending',
  'DryRun',
  'PreHooks',
  'Applying',
  'WaitingHealth',
  'PostHooks',
  'Pruning',
  'Settled',
  'Failed',
  'Removing',
])
export type DeliveryPhase = z.infer<typeof DeliveryPhase>

export const ComponentStatus = z.object({
  name: z.string(),
  health: HealthState,
  message: z.string().max(1024).optional(),
  version: z.string().optional().describe('What is applied'),
  digest: z.string().optional().describe('Digest of the rendered set that is applied'),
  images: z.array(z.string()).max(50).optional(),
  ready: z.number().int().optional().describe('Pods ready'),
  wanted: z.number().int().optional().describe('Pods wanted'),
  helmRevision: z.number().int().optional(),
})
export type ComponentStatus = z.infer<typeof ComponentStatus>

export const DriftedObject = z.object({
  kind: z.string(),
  group: z.string(),
  namespace: z.string(),
  name: z.string(),
  what: z.enum(['Changed', 'Missing']),
  paths: z.array(z.string()).max(20).optional().describe('Fields that differ; never their values'),
})

/** Written before the hook is created, so that whoever takes over knows that it may already run. */
export const HookInHand = z.object({
  id: z.string().describe('component/event/kind/name'),
  key: z.string().describe('What its object carries as annotation: one run, one key'),
  group: z.string(),
  version: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  since: z.string(),
  outcome: z
    .enum(['Succeeded', 'Failed', 'Uncertain'])
    .optional()
    .describe('Uncertain: it migrates, something ended it, and nobody knows how far it came'),
  message: z.string().max(2048).optional(),
  migration: z
    .object({
      digest: z.string().describe('Keyed digest of what it runs'),
      scope: z.string().describe('target:<cluster>/<namespace> or database:<name>'),
      reversible: z.boolean(),
      idempotent: z.boolean(),
    })
    .optional()
    .describe('It changes data: the same content runs once'),
})
export type HookInHand = z.infer<typeof HookInHand>

export const DeliveryStatus = z.object({
  ...baseStatus,
  phase: DeliveryPhase.optional(),
  waitingFor: z.string().max(1024).optional().describe('What it waits for'),
  waitingSince: z.string().optional(),
  applied: z
    .object({
      revision: z.number().int(),
      digest: z.string(),
      at: z.string(),
      syncRequest: z.string().optional(),
      standby: z.boolean().optional().describe('It was written to stand still'),
    })
    .optional()
    .describe('What was last written whole'),
  attempt: z
    .object({
      digest: z.string(),
      startedAt: z.string(),
      hooksDone: z.array(z.string()).max(500),
      failures: z.number().int().default(0),
      retryAt: z.string().optional().describe('When what failed is tried again by itself'),
      syncRequest: z.string().optional().describe('The request that this work answers'),
      standby: z.boolean().optional().describe('What this work writes stands still'),
      writtenAt: z
        .string()
        .optional()
        .describe('When all of it was written first: since then it is waited for its health'),
      installs: z.array(z.string()).max(50).optional().describe('Components that come for the first time'),
      hook: HookInHand.optional(),
    })
    .optional()
    .describe('The work in hand: hooks that already ran for this digest never run again'),
  health: HealthState.optional(),
  healthSince: z.string().optional(),
  message: z.string().max(4096).optional(),
  unknownSince: z
    .string()
    .optional()
    .describe('Since when the cluster cannot be seen; what is said beside it is the last that was seen'),
  components: z.array(ComponentStatus).max(50).optional(),
  drift: z
    .object({
      state: z.enum(['None', 'Drifted', 'Unknown']),
      objects: z.array(DriftedObject).max(50).optional(),
      since: z.string().optional(),
    })
    .optional(),
  helmChanged: z
    .string()
    .max(1024)
    .optional()
    .describe('What plain helm did to a release of ours; held until a person syncs'),
  inventory: z.object({ objects: z.number().int(), epoch: z.number().int() }).optional(),
  findings: z.array(Finding).max(50).optional(),
})
export type DeliveryStatus = z.infer<typeof DeliveryStatus>

export const DeliveryKind = defineKind({
  kind: 'Delivery',
  plural: 'deliveries',
  singular: 'delivery',
  shortNames: ['fdl'],
  scope: 'Namespaced',
  description:
    'One application in one target: what is wanted there, what was applied, what was seen. Written by Flotilla only.',
  spec: DeliverySpec,
  status: DeliveryStatus,
  printerColumns: [
    { name: 'Application', type: 'string', jsonPath: '.spec.application.name' },
    { name: 'Cluster', type: 'string', jsonPath: '.spec.target.cluster' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Health', type: 'string', jsonPath: '.status.health' },
    { name: 'Drift', type: 'string', jsonPath: '.status.drift.state' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
})
export const Delivery = objectSchema(DeliveryKind)
export type Delivery = z.infer<typeof Delivery>
