import fc from 'fast-check'
import { Plan, type PlanSpec, type Step } from '@flotilla/model'
import type { Blindness } from './rollout-world.ts'
import { approvers, author } from './scene.ts'
import type { Behaviour } from './simulated-delivery.ts'
import type { StepBehaviour } from './simulated-steps.ts'

const mostClusters = 8
const clustersOf = (count: number): string[] => Array.from({ length: count }, (_, at) => `c${at}`)

/** Names of steps: how one ends is chosen by its name. */
const stepNames = ['one', 'two', 'three', 'four']
const template = { spec: { containers: [] } }

const anyStep = (name: string) =>
  fc
    .record({
      kind: fc.constantFrom('job', 'migration', 'test', 'analysis', 'webhook', 'wait', 'approval'),
      idempotent: fc.boolean(),
      reversible: fc.boolean(),
      both: fc.boolean(),
    })
    .map(({ kind, idempotent, reversible, both }) => {
      const during = both ? ['Release', 'Rollback'] : ['Release']
      return Object.assign({ name, during, timeoutSeconds: 120 }, formOf(kind, { idempotent, reversible }))
    })

function formOf(kind: string, migration: { readonly idempotent: boolean; readonly reversible: boolean }) {
  switch (kind) {
    case 'job':
      return { job: { template } }
    case 'migration':
      return { job: { template, migration } }
    case 'test':
      return { test: { job: { template } } }
    case 'analysis':
      return { analysis: { http: { url: 'http://shop/health' }, samples: 2, intervalSeconds: 5 } }
    case 'webhook':
      return { webhook: { url: 'http://hook/' } }
    case 'wait':
      return { wait: { seconds: 60 } }
    default:
      return { approval: { count: migration.reversible ? 1 : 2, expiresSeconds: 86_400 } }
  }
}

const anyList = (names: readonly [string, string]) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.tuple(anyStep(names[0])) },
    { weight: 1, arbitrary: fc.tuple(anyStep(names[0]), anyStep(names[1])) },
  )

const anyStage = (index: number, clusters: readonly string[] | undefined) =>
  fc
    .record({
      maxConcurrency: fc.integer({ min: 1, max: 3 }),
      maxFailures: fc.integer({ min: 0, max: 2 }),
      soakSeconds: fc.constantFrom(0, 0, 30),
      deadlineSeconds: fc.constantFrom(1800, 86_400),
      before: anyList(['one', 'two']),
      after: anyList(['three', 'four']),
      eachBefore: anyList(['one', 'two']),
      eachAfter: anyList(['three', 'four']),
      onFailure: fc.constantFrom('Pause', 'RollbackTarget', 'RollbackStage', 'Continue'),
      offline: fc.constantFrom('Wait', 'Defer', 'Fail'),
    })
    .map(({ eachBefore, eachAfter, ...stage }) => {
      // an empty selector takes all that is left; others take theirs by name
      const targets = clusters === undefined ? {} : { clusters: { names: clusters } }
      const each = { before: eachBefore, after: eachAfter }
      return Object.assign(stage, { name: `stage-${index}`, targets, each })
    })

export interface PlannedFleet {
  readonly plan: PlanSpec
  readonly clusters: readonly string[]
  /** The place of each in `clusters` says whether nothing is there yet, or what is wanted already. */
  readonly had: readonly ('nothing' | 'old' | 'wanted')[]
  /** Of these the first run is; undefined: of all. */
  readonly only: readonly string[] | undefined
  /** Those that left the application. */
  readonly leaving: readonly string[]
  readonly takesAway: boolean
}

/** One to four stages over up to eight targets. */
export const anyFleet: fc.Arbitrary<PlannedFleet> = fc
  .array(fc.integer({ min: 1, max: 2 }), { minLength: 1, maxLength: 4 })
  .chain((widths) => {
    const clusters = clustersOf(widths.reduce((sum, width) => sum + width, 0))
    let from = 0
    const stages = widths.map((width, index) => {
      const own = clusters.slice(from, (from += width))
      return anyStage(index, index === widths.length - 1 ? undefined : own)
    })
    return fc
      .record({
        stages: fc.tuple(...stages),
        whenBusy: fc.constantFrom('Queue', 'Replace'),
        had: fc.oneof(
          fc.constant([]),
          fc.array(fc.constantFrom<PlannedFleet['had'][number][]>('nothing', 'old', 'wanted'), {
            maxLength: clusters.length,
          }),
        ),
        only: fc.option(fc.subarray(clusters, { minLength: 1 }), { nil: undefined, freq: 4 }),
        leaving: fc.oneof(
          { weight: 2, arbitrary: fc.constant([]) },
          { weight: 1, arbitrary: fc.subarray(clusters, { maxLength: Math.min(2, clusters.length) }) },
        ),
        takesAway: fc.boolean(),
        windows: fc.option(fc.constant([{ from: '08:00', to: '20:00' }]), { nil: undefined, freq: 4 }),
      })
      .map(({ windows, had, only, leaving, takesAway, ...plan }) => ({
        clusters,
        had,
        only,
        leaving,
        takesAway,
        plan: Plan.shape.spec.parse({ ...plan, ...(windows === undefined ? {} : { windows }) }),
      }))
  })

export type RolloutEvent =
  | { readonly event: 'time'; readonly seconds: number; readonly rounds: number }
  | { readonly event: 'clock'; readonly seconds: number }
  | { readonly event: 'lose' | 'back'; readonly cluster: number }
  | { readonly event: 'delivery'; readonly cluster: number; readonly behaviour: Behaviour }
  | { readonly event: 'step'; readonly name: string; readonly behaviour: StepBehaviour }
  | { readonly event: 'vanish' }
  | {
      readonly event: 'person'
      readonly does: 'pause' | 'unpause' | 'resume' | 'abort' | 'retry-all' | 'delete'
      readonly run: number
    }
  | { readonly event: 'retry' | 'skip-target'; readonly cluster: number; readonly run: number }
  | { readonly event: 'skip-step' | 'resolve'; readonly at: number; readonly good: boolean; readonly run: number }
  | {
      readonly event: 'approval'
      readonly good: boolean
      readonly by: string
      readonly other: boolean
      readonly run: number
    }
  | { readonly event: 'new-target' }
  | { readonly event: 'leave' | 'come'; readonly cluster: number }
  | {
      readonly event: 'other-run'
      readonly whenBusy: 'Queue' | 'Replace'
      readonly rollback: boolean
      readonly same: boolean
      readonly only: number | undefined
    }
  | { readonly event: 'kill'; readonly writes: number; readonly after: boolean }
  | { readonly event: 'blind' | 'sight'; readonly what: Blindness }
  | { readonly event: 'stale'; readonly passes: number }
  | { readonly event: 'hand'; readonly cluster: number }

const cluster = fc.integer({ min: 0, max: mostClusters - 1 })
const run = fc.nat(3)
const what = fc.constantFrom<Blindness[]>('document', 'deliveries', 'approvals', 'others', 'opening', 'placed')
const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary })

export const anyEvent: fc.Arbitrary<RolloutEvent> = fc.oneof(
  weighted(
    14,
    fc.record({
      event: fc.constant('time' as const),
      seconds: fc.constantFrom(2, 10, 40),
      rounds: fc.integer({ min: 1, max: 5 }),
    }),
  ),
  weighted(1, fc.record({ event: fc.constant('clock' as const), seconds: fc.constantFrom(-600, 600, 7200, 90_000) })),
  weighted(3, fc.record({ event: fc.constantFrom('lose' as const, 'back' as const), cluster })),
  weighted(
    3,
    fc.record({
      event: fc.constant('delivery' as const),
      cluster,
      behaviour: fc.constantFrom<Behaviour[]>('well', 'well', 'refuses', 'refuses-all', 'fails-again', 'ill'),
    }),
  ),
  weighted(
    3,
    fc.record({
      event: fc.constant('step' as const),
      name: fc.constantFrom(...stepNames),
      behaviour: fc.constantFrom<StepBehaviour[]>('ok', 'fail', 'hang', 'uncertain', 'before'),
    }),
  ),
  weighted(1, fc.record({ event: fc.constant('vanish' as const) })),
  weighted(
    3,
    fc.record({
      event: fc.constant('person' as const),
      does: fc.constantFrom('pause', 'unpause', 'resume', 'resume', 'retry-all', 'retry-all'),
      run,
    }),
  ),
  weighted(1, fc.record({ event: fc.constant('person' as const), does: fc.constantFrom('abort', 'delete'), run })),
  weighted(3, fc.record({ event: fc.constantFrom('retry' as const, 'skip-target' as const), cluster, run })),
  weighted(
    3,
    fc.record({
      event: fc.constantFrom('skip-step' as const, 'resolve' as const),
      at: fc.nat(20),
      good: fc.boolean(),
      run,
    }),
  ),
  weighted(
    4,
    fc.record({
      event: fc.constant('approval' as const),
      good: fc.boolean(),
      by: fc.constantFrom(...approvers, author),
      other: fc.nat(9).map((one) => one === 0),
      run,
    }),
  ),
  weighted(1, fc.record({ event: fc.constant('new-target' as const) })),
  weighted(2, fc.record({ event: fc.constantFrom('leave' as const, 'come' as const), cluster })),
  weighted(
    2,
    fc.record({
      event: fc.constant('other-run' as const),
      whenBusy: fc.constantFrom('Queue', 'Replace'),
      rollback: fc.boolean(),
      same: fc.nat(3).map((one) => one === 0),
      only: fc.option(cluster, { nil: undefined }),
    }),
  ),
  weighted(
    4,
    fc.record({ event: fc.constant('kill' as const), writes: fc.integer({ min: 1, max: 6 }), after: fc.boolean() }),
  ),
  weighted(2, fc.record({ event: fc.constantFrom('blind' as const, 'sight' as const, 'sight' as const), what })),
  weighted(2, fc.record({ event: fc.constant('stale' as const), passes: fc.integer({ min: 1, max: 4 }) })),
  weighted(1, fc.record({ event: fc.constant('hand' as const), cluster })),
)

export const namesOfSteps = ({
  stages,
}: PlanSpec): { readonly stage: string; readonly each: boolean; readonly step: Step }[] =>
  stages.flatMap(({ name, before = [], after = [], each }) => [
    ...[...before, ...after].map((step) => ({ stage: name, each: false, step })),
    ...[...(each?.before ?? []), ...(each?.after ?? [])].map((step) => ({ stage: name, each: true, step })),
  ])
