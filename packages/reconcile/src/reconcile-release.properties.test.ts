import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { endedPhases, known, type Release, type Rollout, type RolloutPhase, unknown } from '@flotilla/model'
import * as fc from 'fast-check'
import { freezeKey, reconcileRelease } from './reconcile-release.ts'
import type { FreezeSight, ReleaseObserved } from './release/observed.ts'
import { finalPhases } from './release/phase.ts'
import { carrying, frozenStatus, observe, release, run } from './release/release-scene.ts'

const phases: RolloutPhase[] = ['Pending', 'Running', 'Paused', 'Succeeded', 'Failed', 'Aborted', 'RolledBack']
const event = fc.oneof(
  fc.record({ type: fc.constant('freeze' as const) }),
  fc.record({ type: fc.constant('reject' as const) }),
  fc.record({ type: fc.constant('frozen' as const), digest: fc.constantFrom('d1', 'd2') }),
  fc.record({ type: fc.constant('fails' as const), next: fc.constantFrom('retry', 'reject', 'stop') }),
  fc.record({ type: fc.constant('progress' as const), done: fc.nat(9) }),
  fc.record({ type: fc.constant('restart' as const) }),
  fc.record({
    type: fc.constant('run' as const),
    of: fc.constantFrom('r1', 'r2'),
    phase: fc.constantFrom(...phases),
    back: fc.constantFrom(undefined, { of: 'x' }, { of: 'x', stages: ['one'] }),
    refused: fc.boolean(),
  }),
  // what goes on comes to its end
  fc.record({ type: fc.constant('end' as const), phase: fc.constantFrom('Succeeded' as const, 'Failed' as const) }),
  fc.record({ type: fc.constant('forget' as const) }),
  fc.record({
    type: fc.constant('carry' as const),
    releases: fc.array(fc.constantFrom('r0', 'r1', 'r2'), { maxLength: 3 }),
  }),
  fc.record({
    type: fc.constant('hide' as const),
    part: fc.constantFrom('application' as const, 'rollouts' as const, 'deliveries' as const, undefined),
  }),
  fc.record({ type: fc.constant('time' as const), minutes: fc.integer({ min: 1, max: 20 }) }),
)
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never

function createWorld() {
  let minute = 10
  let made = 0
  let object: Release = release()
  let freeze: FreezeSight = { state: 'absent' }
  const runs: Rollout[] = []
  let carried: readonly string[] = []
  let hidden: keyof ReleaseObserved | undefined
  const now = (): string => new Date(Date.parse('2026-01-01T00:00:00Z') + minute * 60_000).toISOString()
  const observed = (): ReleaseObserved => ({
    ...observe({
      freeze,
      rollouts: known(runs),
      deliveries: known(carried.map((name, at) => carrying(`c${at}`, name))),
    }),
    ...(hidden === undefined ? {} : { [hidden]: unknown('cut') }),
  })
  const edit = (change: Partial<Release['spec']>): void => {
    object = { ...object, spec: { ...object.spec, ...change } }
  }
  const decide = () => reconcileRelease({ object, observed: observed(), now: now() })
  return {
    get status() {
      return object.status
    },
    /** Names of its runs forward. */
    get forward() {
      return runs
        .filter(({ spec }) => spec.release === 'r1' && spec.rollback === undefined)
        .map(({ metadata }) => metadata.name)
    },
    get ended() {
      return runs
        .filter(({ status }) => endedPhases.includes(status?.phase ?? 'Pending'))
        .map(({ metadata }) => metadata.name)
    },
    get carrying() {
      return carried.filter((name) => name === 'r1').length
    },
    decide,
    happen: (what: Event): void => {
      switch (what.type) {
        case 'freeze':
          return edit({ freeze: true })
        case 'reject':
          return edit({ rejected: object.spec.rejected ?? { by: 'flotilla:user:bob', reason: 'no' } })
        case 'frozen':
          // nothing is frozen that was not asked for
          if (decide().effects.length > 0) freeze = { state: 'done', frozen: frozenStatus(what.digest), findings: [] }
          return undefined
        case 'fails': {
          const { application } = observe()
          const asked = application.known && application.value ? freezeKey(object, application.value) : ''
          const findings = [{ severity: 'Error', code: 'render.failed', message: 'no' } as const]
          if (decide().effects.length > 0)
            freeze = { state: 'failed', asked, findings, next: what.next, at: now(), attempts: 1 }
          return undefined
        }
        case 'progress':
          if (decide().effects.length > 0) freeze = { state: 'running', done: what.done, total: 9 }
          return undefined
        case 'restart':
          freeze = { state: 'absent' }
          return undefined
        case 'run':
          runs.push(
            run(`run-${String(made++).padStart(3, '0')}`, {
              release: what.of,
              phase: what.phase,
              minute: minute++,
              ...(what.refused ? { refused: true } : {}),
              ...(what.back === undefined ? {} : { rollback: what.back }),
            }),
          )
          return undefined
        case 'end':
          runs.forEach((one, index) => {
            if (endedPhases.includes(one.status?.phase ?? 'Pending')) return
            runs[index] = { ...one, status: { ...one.status, phase: what.phase, endedAt: now() } }
          })
          minute++
          return undefined
        case 'forget':
          runs.length = 0
          return undefined
        case 'carry':
          carried = what.releases
          return undefined
        case 'hide':
          hidden = what.part
          return undefined
        case 'time':
          minute += what.minutes
          return undefined
        default:
          return what satisfies never
      }
    },
    pass: () => {
      const decision = decide()
      object = { ...object, status: decision.status }
      return decision
    },
  }
}

const story = fc.array(event, { maxLength: 25 })

describe('whatever happens to a release', () => {
  test('it leaves an end only by a start of it that was not over yet when it came there, and a rejection never', () => {
    fc.assert(
      fc.property(story, (events) => {
        const world = createWorld()
        let over: { readonly phase: string; readonly ended: ReadonlySet<string> } | undefined
        for (const what of events) {
          world.happen(what)
          world.pass()
          const phase = world.status?.phase
          if (over !== undefined && phase !== over.phase) {
            assert.notEqual(over.phase, 'Rejected')
            const { ended } = over
            assert.ok(world.forward.some((name) => !ended.has(name)))
          }
          if (phase === undefined || !finalPhases.includes(phase)) over = undefined
          else if (over?.phase !== phase) over = { phase, ended: new Set(world.ended) }
        }
      }),
    )
  })

  test('it is rolled back only while no target has it', () => {
    fc.assert(
      fc.property(story, (events) => {
        const world = createWorld()
        for (const what of events) {
          const before = world.status?.phase
          world.happen(what)
          world.pass()
          if (before !== 'RolledBack' && world.status?.phase === 'RolledBack') assert.equal(world.carrying, 0)
        }
      }),
    )
  })

  test('what was frozen stays to the letter, and nothing that was is frozen again', () => {
    fc.assert(
      fc.property(story, (events) => {
        const world = createWorld()
        for (const what of events) {
          const before = world.status?.frozen
          world.happen(what)
          const { effects } = world.pass()
          if (before === undefined) continue
          assert.deepEqual(world.status?.frozen, before)
          assert.deepEqual(effects, [])
        }
      }),
    )
  })

  test('it is more than a draft if and only if it was frozen or rejected', () => {
    fc.assert(
      fc.property(story, (events) => {
        const world = createWorld()
        for (const what of events) {
          world.happen(what)
          world.pass()
          const { phase, frozen } = world.status ?? {}
          if (phase !== 'Rejected') assert.equal(phase !== 'Draft', frozen !== undefined)
        }
      }),
    )
  })

  test('the same is said again when nothing happened', () => {
    fc.assert(
      fc.property(story, (events) => {
        const world = createWorld()
        for (const what of events) {
          world.happen(what)
          const { status } = world.pass()
          assert.deepEqual(world.decide().status, status)
        }
      }),
    )
  })
})
