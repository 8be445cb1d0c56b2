import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ReleasePhase } from '@flotilla/model'
import { computeAuthorship } from './authorship.ts'
import { frozenStatus, release } from './release-scene.ts'

const made = (number: number, author: string, phase: ReleasePhase = 'Superseded') =>
  release(
    `r${number}`,
    { authors: [author] },
    { phase, frozen: { ...frozenStatus(), at: `2026-01-0${number}T00:00:00Z`, authors: [author] } },
  )
const having = (...names: (string | undefined)[]) =>
  names.map((name) => ({ baseline: { digest: 'd', components: [], ...(name === undefined ? {} : { release: name }) } }))
const next = release('next', { authors: ['bob'] })
const old = made(1, 'zoe')
const toStaging = made(2, 'alice', 'Active')

describe('whose work a release is', () => {
  test('is also that of those whose release went to a few targets only', () => {
    const { since, authors } = computeAuthorship(next, [toStaging, next, old], having('r1', 'r2'))
    assert.deepEqual([since?.metadata.name, authors], ['r1', ['bob', 'alice']])
  })

  test('is that of nobody whose release every target has', () => {
    const { since, authors } = computeAuthorship(next, [toStaging, old], having('r2', 'r2'))
    assert.deepEqual([since?.metadata.name, authors], ['r2', ['bob']])
  })

  test('is that of everybody where a target has nothing, something of no release, or one that is gone', () => {
    for (const behind of [[{ environment: 'new' }], having(undefined), having('gone')]) {
      const { since, authors } = computeAuthorship(next, [toStaging, old], [...having('r2'), ...behind])
      assert.deepEqual([since, authors], [undefined, ['bob', 'zoe', 'alice']])
    }
  })

  test('is no more for a new cluster than for the others of its environment', () => {
    const [first, second] = [having('r1', 'r2'), having('r2')].map((targets) =>
      targets.map((target) => ({ ...target, environment: 'prod' })),
    )
    const grown = [...(second ?? []), { environment: 'prod' }]
    assert.deepEqual(computeAuthorship(next, [toStaging, old], grown).authors, ['bob'])
    assert.deepEqual(computeAuthorship(next, [toStaging, old], [...(first ?? []), { environment: 'prod' }]).authors, [
      'bob',
      'alice',
    ])
    const elsewhere = computeAuthorship(next, [toStaging, old], [...grown, { environment: 'staging' }])
    assert.deepEqual(elsewhere.authors, ['bob', 'zoe', 'alice'])
  })

  test('is not that of a release that never went out, or was taken back', () => {
    const [waiting, refused, back] = [
      made(3, 'eve', 'Frozen'),
      made(4, 'ann', 'Rejected'),
      made(5, 'max', 'RolledBack'),
    ]
    const all = [toStaging, old, waiting, refused, back]
    assert.deepEqual(computeAuthorship(next, all, having('r1')).authors, ['bob', 'alice'])
    assert.deepEqual(computeAuthorship(next, all, having('r1', 'r5')).authors, ['bob', 'alice', 'max'])
  })
})
