import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Release, Rollout } from '@flotilla/model'
import { findOutdated, type OutdatedQuestion } from './find-outdated.ts'
import { carrying, frozenStatus, release, run } from './release-scene.ts'

const old = (name: string, phase = 'Superseded', minute = 0): Release => {
  const made = release(name, { freeze: true }, { phase, frozen: frozenStatus() })
  const creationTimestamp = new Date(Date.parse('2026-01-01T00:00:00Z') + minute * 60_000).toISOString()
  return { ...made, metadata: { ...made.metadata, creationTimestamp } }
}
const names = (objects: readonly (Release | Rollout)[]) => objects.map(({ metadata }) => metadata.name).toSorted()
const find = (given: Partial<OutdatedQuestion>) => {
  const found = findOutdated({ spec: { releaseHistoryLimit: 1 }, releases: [], rollouts: [], deliveries: [], ...given })
  return { releases: names(found.releases), rollouts: names(found.rollouts) }
}
const three = [old('r1', 'Superseded', 1), old('r2', 'RolledBack', 2), old('r3', 'Rejected', 3)]

describe('releases that are kept no longer', () => {
  test('are the oldest of those that are over, with all their runs', () => {
    const rollouts = ['r1', 'r2', 'r3'].map((of, minute) => run(`${of}-1`, { release: of, phase: 'Succeeded', minute }))
    assert.deepEqual(find({ releases: three, rollouts }), { releases: ['r1', 'r2'], rollouts: ['r1-1', 'r2-1'] })
    assert.deepEqual(find({ releases: three, rollouts, spec: {} }), { releases: [], rollouts: [] })
  })

  test('are none that may still go out, or is out', () => {
    const releases = ['Draft', 'Frozen', 'Rolling', 'Active'].map((phase, at) => old(`r${at}`, phase, at))
    assert.deepEqual(find({ releases }), { releases: [], rollouts: [] })
  })

  test('are none that a target has, and none that is being taken back', () => {
    assert.deepEqual(find({ releases: three, deliveries: [carrying('east', 'r1')] }).releases, ['r2'])
    const rollouts = [
      run('r1-1', { release: 'r1', phase: 'Succeeded', minute: 1 }),
      run('r1-2', { release: 'r1', phase: 'Running', minute: 2, rollback: { of: 'r1-1' } }),
    ]
    assert.deepEqual(find({ releases: three, rollouts }), { releases: ['r2'], rollouts: [] })
  })

  test('leave of a release that stays what its phase follows from', () => {
    const rollouts = [
      run('a', { phase: 'Aborted', minute: 1 }),
      run('b', { phase: 'Succeeded', minute: 2 }),
      run('c', { phase: 'Failed', minute: 3 }),
      run('d', { phase: 'Aborted', minute: 4 }),
    ]
    assert.deepEqual(find({ releases: [old('r1', 'Active')], rollouts }).rollouts, ['a', 'c'])
    const hold = { since: '', reason: 'x', rollout: 'a' }
    const spec = { releaseHistoryLimit: 1, hold } as unknown as OutdatedQuestion['spec']
    assert.deepEqual(find({ spec, releases: [old('r1', 'Active')], rollouts }).rollouts, ['c'])
  })

  test('however many there are, all that is kept is within the limit, or in use', () => {
    const phase = fc.constantFrom('Superseded', 'Active', 'Frozen', 'RolledBack', 'Draft')
    fc.assert(
      fc.property(
        fc.array(phase, { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(11),
        (phases, limit, held) => {
          const releases = phases.map((one, at) => old(`r${at}`, one, at))
          const found = find({
            releases,
            deliveries: [carrying('east', `r${held}`)],
            spec: { releaseHistoryLimit: limit },
          })
          const left = releases.filter(({ metadata }) => !found.releases.includes(metadata.name))
          const over = left.filter(({ status }) => ['Superseded', 'RolledBack'].includes(status?.phase ?? ''))
          assert.ok(over.length <= limit + 1)
          assert.ok(!found.releases.includes(`r${held}`))
          assert.ok(
            releases.every(
              (one) => ['Superseded', 'RolledBack'].includes(one.status?.phase ?? '') || left.includes(one),
            ),
          )
        },
      ),
    )
  })
})
