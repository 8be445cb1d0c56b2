import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Delivery, known, type Release, type Rollout, unknown } from '@flotilla/model'
import { reconcileRelease } from './reconcile-release.ts'
import type { FreezeSight } from './release/observed.ts'
import { carrying, frozenStatus, observe, release, run } from './release/release-scene.ts'

const now = '2026-01-01T01:00:00Z'
const decide = (object: Release, more: Parameters<typeof observe>[0] = {}, time = now) =>
  reconcileRelease({ object, observed: observe(more), now: time })
const frozen = (phase = 'Frozen', spec: Record<string, unknown> = {}) =>
  release('r1', { freeze: true, ...spec }, { phase, frozen: frozenStatus() })
const follow = (object: Release, rollouts: readonly Rollout[], deliveries: readonly Delivery[] = []) =>
  decide(object, { rollouts: known(rollouts), deliveries: known(deliveries) }).status
const phaseAfter = (...question: Parameters<typeof follow>) => follow(...question).phase
const failed = (more: Partial<Extract<FreezeSight, { state: 'failed' }>> = {}): FreezeSight => ({
  state: 'failed',
  asked: 'uid-r1/1/application-uid/1',
  findings: [{ severity: 'Error', code: 'render.failed', message: 'no template' }],
  next: 'reject',
  at: now,
  attempts: 1,
  ...more,
})

describe('a draft', () => {
  test('is left alone until it is to be frozen', () => {
    const { status, effects, next } = decide(release())
    assert.deepEqual([status.phase, effects, next.next], ['Draft', [], 'settled'])
    assert.equal(status.conditions?.[0]?.reason, 'Draft')
  })

  test('that is rejected never goes out', () => {
    const rejected = { by: 'flotilla:user:bob', reason: 'wrong day' }
    const { status, effects } = decide(release('r1', { freeze: true, rejected }))
    assert.deepEqual([status.phase, effects], ['Rejected', []])
  })

  test('is frozen once, and says how far it came', () => {
    const object = release('r1', { freeze: true })
    const begun = decide(object)
    assert.deepEqual(begun.effects, [{ kind: 'Freeze', key: 'freeze/uid-r1/1/application-uid/1' }])
    assert.equal(begun.status.waitingSince, now)
    const half = decide({ ...object, status: begun.status }, { freeze: { state: 'running', done: 40, total: 100 } })
    assert.deepEqual([half.effects, half.status.waitingFor], [[], 'rendered 40 of 100 targets'])
    const done = decide(object, { freeze: { state: 'done', frozen: frozenStatus(), findings: [] } })
    assert.deepEqual([done.status.phase, done.status.frozen?.digest, done.effects], ['Frozen', 'd1', []])
    assert.equal(done.status.message, 'Frozen: it changes 1 of 2 targets')
    assert.equal(done.status.waitingFor, undefined)
  })

  test('that cannot be frozen says why, and is tried again when something is another or time has passed', () => {
    const object = release('r1', { freeze: true })
    const stays = decide(object, { freeze: failed() })
    assert.deepEqual([stays.status.phase, stays.status.frozen, stays.effects], ['Draft', undefined, []])
    assert.deepEqual(
      stays.status.findings?.map(({ code }) => code),
      ['render.failed'],
    )
    assert.deepEqual(stays.next, { next: 'waiting', seconds: 300, reason: 'it is tried again then' })
    assert.equal(decide(object, { freeze: failed({ asked: 'uid-r1/1/application-uid/0' }) }).effects.length, 1)
    assert.equal(decide(object, { freeze: failed() }, '2026-01-01T01:05:00Z').effects.length, 1)
    assert.equal(decide(object, { freeze: failed({ next: 'retry' }) }, '2026-01-01T01:00:05Z').effects.length, 1)
  })

  test('of an application that is not there, or cannot be read, waits', () => {
    const object = release('r1', { freeze: true })
    const gone = decide(object, { application: known(undefined) })
    assert.deepEqual(
      gone.status.findings?.map(({ code }) => code),
      ['release.application_missing'],
    )
    const unread = decide(object, { application: unknown('the host does not answer') })
    assert.equal(unread.status.waitingFor, 'the host does not answer')
    assert.deepEqual([gone.effects, unread.effects], [[], []])
  })
})

describe('a frozen release', () => {
  test('is never frozen again, whatever is known of it', () => {
    for (const freeze of [{ state: 'absent' } as const, failed()]) {
      const { status, effects } = decide(frozen(), { freeze })
      assert.deepEqual([status.phase, status.frozen, effects], ['Frozen', frozenStatus(), []])
    }
  })

  test('stays as it is while its runs are not known', () => {
    for (const phase of ['Frozen', 'Rolling', 'Active'])
      assert.equal(decide(frozen(phase), { rollouts: unknown('cut') }).status.phase, phase)
  })

  test('rolls while a run of it runs, waits while that is queued, and is active when it succeeded', () => {
    const queued = follow(frozen(), [run('r1-1', { minute: 10, phase: 'Pending' })])
    assert.deepEqual([queued.phase, queued.waitingFor, queued.rollout], ['Frozen', 'rollout r1-1 to begin', 'r1-1'])
    const going = follow(frozen(), [run('r1-1', { minute: 10, phase: 'Running', waitingFor: 'the cluster east' })])
    assert.deepEqual([going.phase, going.waitingFor], ['Rolling', 'the cluster east'])
    assert.equal(phaseAfter(frozen('Rolling'), [run('r1-1', { minute: 10, phase: 'Paused' })]), 'Rolling')
    assert.equal(phaseAfter(frozen('Rolling'), [run('r1-1', { minute: 10, phase: 'Succeeded' })]), 'Active')
  })

  test('is frozen again when its run ended and no target has it, else it rolls on', () => {
    for (const phase of ['Failed', 'Aborted'] as const) {
      const runs = [run('r1-1', { minute: 10, phase })]
      assert.equal(phaseAfter(frozen('Rolling'), runs, [carrying('east', 'r0')]), 'Frozen')
      const half = follow(frozen('Rolling'), runs, [carrying('east', 'r1'), carrying('west', 'r0')])
      assert.equal(half.phase, 'Rolling')
      assert.match(half.message ?? '', /1 target has it; start another, or roll it back$/)
    }
  })

  test('is superseded when a later one came out, not when an older one did', () => {
    const mine = run('r1-1', { minute: 10, phase: 'Succeeded' })
    const other = (minute: number) => run('r2-1', { release: 'r2', minute, phase: 'Succeeded' })
    assert.equal(phaseAfter(frozen('Active'), [mine, other(20)]), 'Superseded')
    assert.equal(phaseAfter(frozen('Rolling'), [other(2), mine]), 'Active')
    const failing = run('r1-1', { minute: 10, phase: 'Failed' })
    assert.equal(phaseAfter(frozen('Rolling'), [failing, other(20)]), 'Superseded')
    assert.equal(phaseAfter(frozen(), [other(20)]), 'Frozen', 'one that never went out can be superseded by none')
  })

  test('is rolled back when no target has it any more, and not before', () => {
    const out = run('r1-1', { minute: 10, phase: 'Succeeded' })
    const back = (more: object = {}, only?: string[]) =>
      run('r1-2', {
        minute: 20,
        rollback: { of: 'r1-1', ...more },
        phase: 'RolledBack',
        ...(only === undefined ? {} : { only }),
      })
    const [east, west] = [carrying('east', 'r1'), carrying('west', 'r1')]
    const old = [carrying('east', 'r0'), carrying('west', 'r0')]
    assert.equal(phaseAfter(frozen('Active'), [out, back()], old), 'RolledBack')
    assert.equal(phaseAfter(frozen('Active'), [out, back()], [east]), 'Active', 'one that it left')
    for (const part of [back({ stages: ['canary'] }), back({}, ['west'])]) {
      assert.equal(phaseAfter(frozen('Active'), [out, part], [east]), 'Active')
      assert.equal(phaseAfter(frozen('Active'), [out, part], old), 'RolledBack', 'it was all that there was')
    }
    const { message = '', conditions } = follow(frozen('Active'), [out, back({}, ['west'])], [east])
    assert.match(message, /it was taken back in west\/shop, and 1 target has it$/)
    assert.equal(conditions?.find(({ type }) => type === 'Active')?.status, 'True')
    const rest = run('r1-3', { minute: 30, rollback: { of: 'r1-1' }, only: ['east'], phase: 'RolledBack' })
    assert.equal(phaseAfter(frozen('Active'), [out, back({}, ['west']), rest], old), 'RolledBack')
    const going = run('r1-2', { minute: 20, rollback: { of: 'r1-1' }, phase: 'Running' })
    assert.equal(phaseAfter(frozen('Active'), [out, going], [east, west]), 'Active')
    const cut = run('r1-2', { minute: 20, rollback: { of: 'r1-1' }, phase: 'Aborted' })
    assert.equal(phaseAfter(frozen('Active'), [out, cut], [west]), 'Active')
    const refused = run('r1-2', { minute: 20, rollback: { of: 'r1-1' }, phase: 'Failed', refused: true })
    assert.equal(phaseAfter(frozen('Active'), [out, refused], [east, west]), 'Active')
    const other = run('r2-1', { release: 'r2', minute: 30, phase: 'Succeeded' })
    assert.equal(phaseAfter(frozen('Active'), [out, back({}, ['west']), other]), 'Superseded')
    assert.equal(phaseAfter(frozen('Active'), [out, back(), other]), 'RolledBack')
  })

  test('that is over goes out once more when it is started anew', () => {
    const out = run('r1-1', { minute: 10, phase: 'Succeeded' })
    const back = run('r1-1-back-1', { minute: 20, rollback: { of: 'r1-1' }, phase: 'RolledBack' })
    const other = run('r2-1', { release: 'r2', minute: 20, phase: 'Succeeded' })
    const mine = [carrying('east', 'r1')]
    for (const [phase, ender] of [
      ['RolledBack', back],
      ['Superseded', other],
    ] as const) {
      const runs = [out, ender]
      assert.equal(phaseAfter(frozen(phase), runs), phase)
      const again = (as: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Aborted') =>
        run('r1-2', { minute: 40, phase: as, refused: as === 'Pending' || as === 'Failed' })
      const queued = follow(frozen(phase), [...runs, again('Pending')])
      assert.deepEqual([queued.phase, queued.waitingFor], [phase, 'rollout r1-2 to begin'])
      assert.equal(phaseAfter(frozen(phase), [...runs, again('Failed')]), phase, 'it was refused')
      assert.equal(phaseAfter(frozen(phase), [...runs, again('Running')]), 'Rolling')
      for (const before of [phase, 'Rolling'] as const) {
        assert.equal(phaseAfter(frozen(before), [...runs, again('Succeeded')], mine), 'Active')
        assert.equal(phaseAfter(frozen(before), [...runs, again('Aborted')], mine), 'Rolling')
        assert.equal(phaseAfter(frozen(before), [...runs, again('Aborted')]), phase, 'it came to nothing')
      }
      const twice = run('r1-2-back-1', { minute: 50, rollback: { of: 'r1-2' }, phase: 'RolledBack' })
      assert.equal(phaseAfter(frozen('Active'), [...runs, again('Succeeded'), twice]), 'RolledBack')
      const newer = run('r3-1', { release: 'r3', minute: 50, phase: 'Succeeded' })
      assert.equal(phaseAfter(frozen('Active'), [...runs, again('Succeeded'), newer]), 'Superseded')
    }
    for (const hidden of ['rollouts', 'deliveries'] as const) {
      const { status, next } = decide(frozen('RolledBack'), { [hidden]: unknown('cut') })
      assert.deepEqual([status.phase, next.next], ['RolledBack', 'waiting'])
    }
    const rejected = { by: 'flotilla:user:bob', reason: 'no' }
    assert.equal(
      phaseAfter(frozen('Rejected', { rejected }), [run('r1-1', { minute: 10, phase: 'Running' })]),
      'Rejected',
    )
  })

  test('stays active when another start of it is refused', () => {
    const runs = [
      run('r1-1', { minute: 10, phase: 'Succeeded' }),
      run('r1-2', { minute: 20, phase: 'Failed', refused: true }),
    ]
    assert.equal(phaseAfter(frozen('Active'), runs, [carrying('east', 'r1')]), 'Active')
  })

  test('goes by no run of an older release of its name, and keeps its place when its runs are taken away', () => {
    assert.equal(phaseAfter(frozen(), [run('old', { minute: -10, phase: 'Succeeded' })]), 'Frozen')
    assert.equal(phaseAfter(frozen('Active'), []), 'Active')
    const other = run('r2-1', { release: 'r2', minute: 20, phase: 'Succeeded' })
    assert.equal(phaseAfter(frozen('Active'), [other]), 'Superseded')
  })

  test('can be rejected until it goes out', () => {
    const rejected = { by: 'flotilla:user:bob', reason: 'wrong day' }
    assert.equal(phaseAfter(frozen('Frozen', { rejected }), []), 'Rejected')
    const late = follow(frozen('Rolling', { rejected }), [run('r1-1', { minute: 10, phase: 'Running' })])
    assert.deepEqual([late.phase, late.findings?.map(({ code }) => code)], ['Rolling', ['release.rejected_late']])
  })
})
