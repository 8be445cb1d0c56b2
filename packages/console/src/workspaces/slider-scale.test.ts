import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nanosOf } from '@flotilla/model/quantity'
import * as fc from 'fast-check'
import { amountAt, positionOf, scaleOf } from './slider-scale.ts'

const resources = ['requests.cpu', 'limits.memory', 'requests.storage', 'pods'] as const

test('a slider goes in steps that people would write', () => {
  for (const [resource, most, first, last] of [
    ['requests.cpu', '8', '200m', '8'],
    ['requests.cpu', '100', '2', '100'],
    ['limits.memory', '64Gi', '1Gi', '64Gi'],
    ['pods', '100', '2', '100'],
    ['pods', '7', '1', '7'],
  ] as const) {
    const scale = scaleOf(resource, nanosOf(most), [])
    assert.equal(amountAt(scale, resource, 1), first, `${resource} ${most}`)
    assert.equal(amountAt(scale, resource, scale.steps), last)
    assert.ok(scale.steps <= 100)
  }
})

test('nothing that is there lies beyond its end, and its ends are nothing and the most', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...resources),
      fc.option(fc.integer({ min: 0, max: 10_000 })),
      fc.integer({ min: 0, max: 10_000 }),
      (resource, most, value) => {
        const unit = 10n ** 9n
        const held = BigInt(value) * unit
        const scale = scaleOf(resource, most === null ? undefined : BigInt(most) * unit, [held])
        assert.ok(scale.most >= held)
        assert.equal(nanosOf(amountAt(scale, resource, scale.steps)), scale.most)
        assert.equal(amountAt(scale, resource, 0), '0')
        for (let at = 0; at <= scale.steps; at += Math.max(1, Math.floor(scale.steps / 7)))
          assert.equal(positionOf(scale, amountAt(scale, resource, at)), at)
      },
    ),
  )
})

test('where nothing is to be had the slider stands still', () => {
  const scale = scaleOf('pods', 0n, [])
  assert.deepEqual([scale.steps, positionOf(scale, '0'), amountAt(scale, 'pods', 0)], [0, 0, '0'])
})
