import type { ApprovalRow, PlanRow, ReleaseDetail } from '@flotilla/api'
import { edgeSites } from './fixture-data.ts'

/** Made-up releases of two applications in governed mode. */
export const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString()
export const ada = { name: 'ada', id: 'u-ada' }
export const omar = { name: 'omar', id: 'u-omar' }
export const digestOf = (letter: string): string => `hmac-sha256:${letter.repeat(64)}`

const target = (cluster: string, released: boolean): ReleaseDetail['targetList'][number] => ({
  cluster,
  namespace: 'shop-prod',
  environment: cluster === 'stage' ? 'staging' : 'prod',
  digest: digestOf('c'),
  baseline: digestOf('b'),
  running: digestOf(released ? 'c' : 'b'),
  baselineRelease: 'cart-41',
  added: 1,
  changed: 2,
  removed: 0,
})

const row = (name: string, more: Partial<ReleaseDetail>): ReleaseDetail => ({
  project: 'shop',
  workspace: 'retail',
  application: name.replace(/-\d+$/, ''),
  name,
  uid: `u-${name}`,
  phase: 'Superseded',
  freezing: false,
  tickets: [],
  authors: [{ name: 'dora', id: 'u-dora' }],
  choices: [{ name: 'web', version: '2.3.0' }],
  targets: 5,
  changes: { added: 5, changed: 10, removed: 0 },
  approvals: { approved: 0, rejected: 0 },
  findings: 0,
  createdAt: ago(90_000),
  frozenAt: ago(89_000),
  digest: digestOf('a'),
  components: [],
  targetList: ['stage', 'hub', 'east', 'west', 'edge-07'].map((cluster) => target(cluster, false)),
  migrations: [],
  approvalList: [],
  findingList: [],
  rollouts: [],
  ...more,
})

const approved: ApprovalRow = {
  name: 'cart-42-omar',
  by: omar,
  decision: 'Approved',
  note: 'Seen with the product owner',
  at: ago(62),
  step: 'canary/go-ahead',
  rollout: 'cart-42-1',
  current: true,
}

export const cartChanges: ReleaseDetail['components'] = [
  {
    component: 'web',
    definition: { before: '2.2.4', after: '2.3.0' },
    images: [
      {
        image: 'registry.fixture.invalid/web',
        before: 'registry.fixture.invalid/web:1.4.2@sha256:77ab',
        after: 'registry.fixture.invalid/web:1.4.3@sha256:c01d',
      },
    ],
  },
  { component: 'api', definition: { before: '1.9.1', after: '1.9.1' }, images: [] },
]

export const releaseDetails = (): ReleaseDetail[] => [
  row('cart-43', {
    phase: 'Draft',
    title: 'Faster search box',
    authors: [ada],
    choices: [{ name: 'api', version: '1.10.0' }],
    targets: 0,
    targetList: [],
    changes: { added: 0, changed: 0, removed: 0 },
    createdAt: ago(4),
    frozenAt: undefined,
    digest: undefined,
    findings: 1,
    findingList: [
      {
        severity: 'Warning',
        code: 'release.moving_tag',
        message: 'Image api:edge is a tag that moves; what it is now is frozen by its digest',
        component: 'api',
        field: 'spec.components[api].images',
      },
    ],
  }),
  row('cart-42', {
    phase: 'Rolling',
    title: 'Checkout v2',
    notes: 'The new checkout, behind CHECKOUT_V2.\nMarketing knows of it.',
    tickets: ['TAPD-5512', 'https://tickets.fixture.invalid/browse/SHOP-88'],
    choices: [
      {
        name: 'web',
        version: '2.3.0',
        images: { 'registry.fixture.invalid/web': 'registry.fixture.invalid/web:1.4.3' },
      },
    ],
    components: cartChanges,
    digest: digestOf('9'),
    targetList: ['stage', 'hub', 'east', 'west', ...edgeSites].map((name) =>
      target(name, ['stage', 'hub', 'east', 'west'].includes(name)),
    ),
    targets: 28,
    changes: { added: 28, changed: 56, removed: 0 },
    approvals: { approved: 1, rejected: 0 },
    approvalList: [
      approved,
      {
        ...approved,
        name: 'cart-42-lee',
        by: { name: 'lee', id: 'u-lee' },
        note: 'Before the last change',
        at: ago(130),
        current: false,
        voidBecause: 'digest',
      },
    ],
    migrations: [
      { component: 'api', name: 'add-orders-column', reversible: true },
      { component: 'api', name: 'drop-old-carts', reversible: false },
    ],
    rollout: {
      name: 'cart-42-1',
      phase: 'Paused',
      waitingFor: 'a person: smoke failed in west',
      waitingSince: ago(4),
      awaits: 'decision',
    },
    rollouts: [{ name: 'cart-42-1', phase: 'Paused', action: 'Release', startedAt: ago(120) }],
    createdAt: ago(300),
    frozenAt: ago(200),
  }),
  row('search-7', {
    phase: 'Rolling',
    title: 'Index of 2026',
    choices: [{ name: 'api', version: '3.1.0' }],
    components: [{ component: 'api', definition: { before: '3.0.8', after: '3.1.0' }, images: [] }],
    digest: digestOf('7'),
    targetList: ['stage', 'hub', 'east'].map((name) => target(name, name === 'stage')),
    targets: 3,
    rollout: {
      name: 'search-7-1',
      phase: 'Running',
      waitingFor: 'approval go-ahead, 0 of 1',
      waitingSince: ago(12),
      awaits: 'approval',
    },
    rollouts: [{ name: 'search-7-1', phase: 'Running', action: 'Release', startedAt: ago(40) }],
    createdAt: ago(180),
    frozenAt: ago(100),
  }),
  row('search-8', {
    phase: 'Frozen',
    choices: [{ name: 'web', version: '4.0.0' }],
    components: [{ component: 'web', definition: { before: '3.9.0', after: '4.0.0' }, images: [] }],
    digest: digestOf('8'),
    targetList: ['stage', 'hub', 'east'].map((name) => target(name, false)),
    targets: 3,
    changes: { added: 3, changed: 6, removed: 0 },
    createdAt: ago(60),
    frozenAt: ago(50),
  }),
  row('cart-41', {
    phase: 'Active',
    rollout: { name: 'cart-41-1', phase: 'Succeeded' },
    rollouts: [{ name: 'cart-41-1', phase: 'Succeeded', action: 'Release', startedAt: ago(9000) }],
    createdAt: ago(9100),
  }),
  row('cart-40', { createdAt: ago(20_000), choices: [] }),
  row('search-6', { phase: 'RolledBack', createdAt: ago(5000) }),
  row('search-5', {
    phase: 'Rejected',
    rejected: { by: omar, reason: 'The index has to be built first' },
    createdAt: ago(6000),
  }),
]

export const plans: PlanRow[] = [
  {
    project: 'shop',
    name: 'waves',
    description: 'Staging, one canary, then waves of six',
    stages: [
      {
        name: 'staging',
        where: 'environment staging',
        steps: [
          { name: 'migrate', type: 'job', at: 'before', reversible: false },
          { name: 'smoke', type: 'test', at: 'each.after' },
        ],
        maxConcurrency: 1,
        soakSeconds: 600,
        onFailure: 'Pause',
      },
      {
        name: 'production',
        where: 'all that are left',
        steps: [{ name: 'go-ahead', type: 'approval', at: 'before' }],
        maxConcurrency: 6,
        soakSeconds: 0,
        onFailure: 'RollbackStage',
      },
    ],
    createdAt: ago(90_000),
  },
  {
    project: 'shop',
    name: 'night',
    stages: [
      { name: 'moon', where: 'clusters moon', steps: [], maxConcurrency: 5, soakSeconds: 0, onFailure: 'Pause' },
    ],
    createdAt: ago(90_000),
  },
]
