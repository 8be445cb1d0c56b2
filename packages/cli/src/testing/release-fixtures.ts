import type { ReleaseDetail, RolloutDetail, RolloutStageView, RolloutTargetView, StepView } from '@flotilla/api'

const ana = { name: 'ana', id: 'flotilla:user:1' }
export const digest = `hmac-sha256:${'a'.repeat(64)}`

/** A frozen release of shop/web for east and west. */
export function releaseDetail(given: Partial<ReleaseDetail> = {}): ReleaseDetail {
  const target = {
    namespace: 'shop',
    environment: 'prod',
    digest: 'd2',
    baseline: 'd1',
    running: 'd1',
    baselineRelease: 'web-2',
  }
  return {
    project: 'shop',
    application: 'web',
    name: 'web-3',
    uid: 'u3',
    phase: 'Frozen',
    freezing: false,
    tickets: ['SHOP-12'],
    authors: [ana],
    choices: [{ name: 'web', version: '1.5.0' }],
    targets: 2,
    changes: { added: 1, changed: 3, removed: 0 },
    approvals: { approved: 0, rejected: 0 },
    findings: 0,
    createdAt: '2025-12-31T23:00:00Z',
    frozenAt: '2025-12-31T23:30:00Z',
    digest,
    components: [
      {
        component: 'web',
        definition: { before: '1.4.2', after: '1.5.0' },
        images: [{ image: 'nginx', before: 'nginx:1.28', after: 'nginx:1.29\u001b[2J' }],
      },
    ],
    targetList: [
      { cluster: 'east', ...target, added: 1, changed: 1, removed: 0 },
      { cluster: 'west', ...target, added: 0, changed: 2, removed: 0 },
    ],
    migrations: [{ component: 'web', name: 'migrate', reversible: false }],
    approvalList: [],
    findingList: [],
    rollouts: [],
    ...given,
  }
}

export function stepView(given: Partial<StepView> & Pick<StepView, 'name'>): StepView {
  return { type: 'job', list: 'after', phase: 'Planned', evidence: [], migration: false, hasLog: false, ...given }
}

export function targetView(given: Partial<RolloutTargetView> & Pick<RolloutTargetView, 'cluster'>): RolloutTargetView {
  return {
    namespace: 'shop',
    stage: 'canary',
    phase: 'Pending',
    since: '2025-12-31T23:58:00Z',
    attempt: 1,
    digest: 'd2',
    before: 'd1',
    steps: [],
    ...given,
  }
}

export function stageView(given: Partial<RolloutStageView> & Pick<RolloutStageView, 'name'>): RolloutStageView {
  return {
    phase: 'Pending',
    maxConcurrency: 5,
    maxFailures: 0,
    soakSeconds: 0,
    onFailure: 'Pause',
    offline: 'Wait',
    steps: [],
    targets: [],
    ...given,
  }
}

/** A rollout of it: west as canary with a test, then an approval and east. */
export function rolloutDetail(given: Partial<RolloutDetail> = {}): RolloutDetail {
  return {
    project: 'shop',
    application: 'web',
    name: 'web-3-1',
    uid: 'r1',
    release: 'web-3',
    plan: 'staged',
    action: 'Release',
    phase: 'Running',
    author: ana,
    targets: { total: 2, done: 0, failed: 0, deferred: 0 },
    startedAt: '2025-12-31T23:55:00Z',
    since: '2025-12-31T23:55:00Z',
    createdAt: '2025-12-31T23:55:00Z',
    digest,
    stages: [
      stageView({
        name: 'canary',
        phase: 'Targets',
        targets: [
          targetView({ cluster: 'west', phase: 'Applying', steps: [stepView({ name: 'smoke', type: 'test' })] }),
        ],
      }),
      stageView({
        name: 'rest',
        steps: [
          stepView({
            name: 'go',
            type: 'approval',
            list: 'before',
            approval: { count: 1, given: [], who: 'role operator' },
          }),
        ],
        targets: [targetView({ cluster: 'east', stage: 'rest', steps: [stepView({ name: 'smoke', type: 'test' })] })],
      }),
    ],
    left: [],
    approvalList: [],
    events: [],
    irreversible: [],
    ...given,
  }
}
