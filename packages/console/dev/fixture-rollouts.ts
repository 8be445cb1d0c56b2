import type { ReleaseDetail, RolloutDetail, RolloutStageView, RolloutTargetView, StepView } from '@flotilla/api'
import { edgeSites } from './fixture-data.ts'
import { ada, ago, digestOf, omar } from './fixture-release-rows.ts'

/** Made-up runs: one paused by a failed test, one that waits for an approval. */
export const step = (name: string, type: StepView['type'], more: Partial<StepView> = {}): StepView => ({
  name,
  type,
  list: 'after',
  phase: 'Planned',
  evidence: [],
  migration: false,
  hasLog: false,
  ...more,
})
const done = (
  name: string,
  type: StepView['type'],
  evidence: string[],
  minutes: number,
  more: Partial<StepView> = {},
) =>
  step(name, type, {
    phase: 'Succeeded',
    attempt: 1,
    since: ago(minutes),
    endedAt: ago(minutes - 0.7),
    evidence,
    ...more,
  })

export const target = (
  stage: string,
  cluster: string,
  phase: RolloutTargetView['phase'],
  more: Partial<RolloutTargetView> = {},
): RolloutTargetView => ({
  cluster,
  namespace: 'shop-prod',
  environment: stage === 'staging' ? 'staging' : 'prod',
  stage,
  phase,
  since: ago(3),
  attempt: 1,
  digest: digestOf('c'),
  before: digestOf('b'),
  steps: [],
  ...more,
})

export const stage = (name: string, more: Partial<RolloutStageView>): RolloutStageView => ({
  name,
  phase: 'Pending',
  maxConcurrency: 1,
  maxFailures: 0,
  soakSeconds: 0,
  onFailure: 'Pause',
  offline: 'Wait',
  steps: [],
  targets: [],
  ...more,
})

export function run(detail: ReleaseDetail, name: string, more: Partial<RolloutDetail>): RolloutDetail {
  const stages = more.stages ?? []
  const targets = stages.flatMap((one) => one.targets)
  const count = (phase: RolloutTargetView['phase']): number => targets.filter((one) => one.phase === phase).length
  return {
    project: detail.project,
    workspace: 'retail',
    application: detail.application,
    name,
    uid: `u-${name}`,
    release: detail.name,
    plan: 'waves',
    action: 'Release',
    phase: 'Running',
    since: ago(4),
    author: ada,
    targets: {
      total: targets.length,
      done: count('Succeeded') + count('RolledBack'),
      failed: count('Failed'),
      deferred: count('Deferred'),
    },
    startedAt: ago(120),
    createdAt: ago(120),
    ...(detail.digest === undefined ? {} : { digest: detail.digest }),
    stages,
    left: [],
    approvalList: detail.approvalList,
    events: [],
    irreversible: [],
    ...more,
  }
}

const cart = (): RolloutStageView[] => [
  stage('staging', {
    phase: 'Succeeded',
    soakSeconds: 600,
    steps: [
      done('migrate-orders', 'job', ['ran on stage', '1,204 rows'], 118, {
        list: 'before',
        migration: true,
        reversible: true,
        hasLog: true,
      }),
    ],
    targets: [
      target('staging', 'stage', 'Succeeded', {
        since: ago(100),
        steps: [done('smoke', 'test', ['212 passed'], 112, { hasLog: true })],
      }),
    ],
  }),
  stage('canary', {
    phase: 'Succeeded',
    targets: [
      target('canary', 'hub', 'Succeeded', {
        since: ago(64),
        steps: [done('errors', 'analysis', ['0.03 %, at most 0.1 %', '10 of 10 samples'], 80)],
      }),
    ],
    steps: [done('go-ahead', 'approval', [], 75, { approval: { count: 1, given: [omar], who: 'admin, operator' } })],
  }),
  stage('wave-1', {
    phase: 'Failed',
    maxConcurrency: 3,
    offline: 'Defer',
    message: '1 of 3 targets failed, 0 may',
    targets: [
      target('wave-1', 'east', 'Succeeded', {
        since: ago(10),
        steps: [done('smoke', 'test', ['212 passed'], 11, { hasLog: true })],
      }),
      target('wave-1', 'edge-07', 'Deferred', {
        since: ago(60),
        message: 'Left for when its cluster is back',
        unknownSince: ago(130),
      }),
      target('wave-1', 'west', 'Failed', {
        since: ago(4),
        attempt: 2,
        message: 'smoke failed',
        steps: [
          step('smoke', 'test', {
            phase: 'Failed',
            attempt: 2,
            since: ago(6),
            endedAt: ago(4),
            message: 'The Job failed: 3 of 212 tests, see its log',
            evidence: ['209 passed, 3 failed'],
            hasLog: true,
          }),
        ],
      }),
    ],
  }),
  stage('wave-2', {
    maxConcurrency: 6,
    offline: 'Defer',
    targets: edgeSites.filter((name) => name !== 'edge-07').map((name) => target('wave-2', name, 'Pending')),
    steps: [step('tell-support', 'webhook')],
  }),
]

const search = (): RolloutStageView[] => [
  stage('staging', {
    phase: 'Succeeded',
    targets: [
      target('staging', 'stage', 'Succeeded', { steps: [done('smoke', 'test', ['88 passed'], 30, { hasLog: true })] }),
    ],
  }),
  stage('production', {
    phase: 'Before',
    maxConcurrency: 2,
    steps: [
      step('go-ahead', 'approval', {
        list: 'before',
        phase: 'Running',
        attempt: 1,
        since: ago(12),
        waitingFor: '1 approval',
        approval: { count: 1, given: [], who: 'admin, operator; not its authors' },
      }),
    ],
    targets: [target('production', 'hub', 'Pending'), target('production', 'east', 'Pending')],
  }),
]

export function firstRun(detail: ReleaseDetail): RolloutDetail | undefined {
  const name = `${detail.name}-1`
  switch (detail.name) {
    case 'cart-42':
      return run(detail, name, {
        phase: 'Paused',
        reason: 'StageFailed',
        message: 'smoke failed in west',
        waitingFor: 'a person: smoke failed in west',
        irreversible: ['drop-old-carts'],
        waitingSince: ago(4),
        stages: cart(),
        left: [{ cluster: 'north', namespace: 'shop-prod' }],
        events: [
          { at: ago(120), by: ada, what: 'started' },
          // Kubernetes keeps no time of a field
          { at: '', by: ada, what: 'tried west/shop-prod again', reason: 'the mirror has the image now' },
        ],
      })
    case 'search-7':
      return run(detail, name, {
        waitingFor: 'approval go-ahead, 0 of 1',
        waitingSince: ago(12),
        stages: search(),
      })
    case 'cart-41':
      return run(detail, name, {
        phase: 'Succeeded',
        endedAt: ago(8800),
        stages: [stage('staging', { phase: 'Succeeded', targets: [target('staging', 'stage', 'Succeeded')] })],
      })
    default:
      return undefined
  }
}
