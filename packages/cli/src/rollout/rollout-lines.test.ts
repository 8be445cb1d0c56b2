import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { rolloutDetail, stageView, stepView, targetView } from '../testing/release-fixtures.ts'
import { changedLines, rolloutLines, shortenLines } from './rollout-lines.ts'

describe('lines of a rollout', () => {
  test('come in the order in which it goes, without what has not begun in a target', () => {
    const stage = stageView({
      name: 'canary',
      steps: [stepView({ name: 'last' }), stepView({ name: 'first', list: 'before' })],
      targets: [
        targetView({
          cluster: 'west',
          steps: [
            stepView({ name: 'smoke', phase: 'Running' }),
            stepView({ name: 'migrate', list: 'before', phase: 'Succeeded', migration: true, attempt: 2 }),
            stepView({ name: 'later' }),
          ],
        }),
      ],
    })
    const lines = rolloutLines({ stages: [stage] })
    assert.deepEqual(
      lines.map(({ label }) => label),
      ['canary', '  before first', '  west/shop', '    before migrate', '    after smoke', '  after last'],
    )
    assert.equal(lines[3]?.note, 'migration; attempt 2')
  })

  test('say what a target waits for, and since when it cannot be seen', () => {
    const target = targetView({
      cluster: 'west',
      phase: 'Pending',
      waitingFor: 'its cluster',
      unknownSince: '2026-01-01T00:00:00Z',
    })
    const line = rolloutLines({ stages: [stageView({ name: 'canary', targets: [target] })] })[1]
    assert.equal(line?.note, 'cannot be seen since 2026-01-01T00:00:00Z; waits for its cluster')
    assert.equal(line?.quiet, false)
  })

  test('are shortened to what is to be looked at, and counted', () => {
    const targets = Array.from({ length: 100 }, (_, at) =>
      targetView({ cluster: `c${at}`, phase: at < 60 ? 'Succeeded' : at === 60 ? 'Failed' : 'Pending' }),
    )
    const lines = shortenLines(rolloutLines({ stages: [stageView({ name: 'all', targets })] }), 12)
    assert.deepEqual(
      lines.map(({ label, note }) => `${label} ${note}`.trim()),
      ['all', 'c60/shop', '... 99 more 60 Succeeded, 39 Pending'],
    )
  })
})

describe('what is new in a rollout', () => {
  test('is at first what has begun, then what differs, and nothing when nothing does', () => {
    const before = rolloutDetail()
    assert.deepEqual(changedLines(undefined, before), [
      'web-3-1: Running',
      'canary: Targets',
      'canary west/shop: Applying',
    ])
    assert.deepEqual(changedLines(before, before), [])
    const after = structuredClone(before)
    const target = after.stages[0]?.targets[0]
    assert.ok(target)
    target.phase = 'WaitingHealth'
    target.waitingFor = 'Deployment web'
    target.since = '2026-01-01T00:00:00Z'
    assert.deepEqual(changedLines(before, after), ['canary west/shop: WaitingHealth: waits for Deployment web'])
  })
})
