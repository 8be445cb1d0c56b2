import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { computeClusterAddresses, computeFleetAddresses, mostClusters, pickSecondOctet } from './addresses.ts'

describe('the network of a fleet', () => {
  test('takes the first /16 that nothing touches', () => {
    assert.equal(pickSecondOctet([], 0), 128)
    assert.equal(pickSecondOctet(['10.128.0.0/16'], 0), 129)
    assert.equal(pickSecondOctet(['10.128.7.0/24', '10.129.0.1'], 0), 130)
  })

  test('sees a wider range that holds it', () => {
    assert.equal(pickSecondOctet(['10.128.0.0/10'], 0), 192)
    assert.equal(pickSecondOctet(['10.0.0.0/8'], 0), undefined)
  })

  test('does not mind the default route nor other families', () => {
    assert.equal(pickSecondOctet(['0.0.0.0/0', 'default', 'fd00::/64', '', 'broadcast'], 0), 128)
  })

  test('wraps around to look at every candidate', () => {
    const taken = Array.from({ length: 126 }, (_, index) => `10.${129 + index}.0.0/16`)
    assert.equal(pickSecondOctet(taken, 60), 128)
    assert.equal(pickSecondOctet([...taken, '10.128.0.0/16'], 60), undefined)
  })

  test('never overlaps a taken range, whatever is taken', () => {
    const range = fc.tuple(
      fc.integer({ min: 100, max: 255 }),
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 9, max: 32 }),
    )
    fc.assert(
      fc.property(fc.array(range, { maxLength: 60 }), fc.nat(1000), (ranges, seed) => {
        const picked = pickSecondOctet(
          ranges.map(([second, third, bits]) => `10.${second}.${third}.0/${bits}`),
          seed,
        )
        if (picked === undefined) return
        for (const [second, , bits] of ranges) {
          const width = bits >= 16 ? 1 : 2 ** (16 - bits)
          const start = Math.floor(second / width) * width
          assert.ok(picked < start || picked >= start + width)
        }
      }),
    )
  })

  test('gives every cluster a node address in the bridge and pods of its own', () => {
    const fleet = computeFleetAddresses(140)
    assert.deepEqual(fleet, { range: '10.140.0.0/16', gateway: '10.140.0.1', prefix: 22 })
    const all = Array.from({ length: mostClusters }, (_, index) => computeClusterAddresses(140, index))
    assert.deepEqual(all[0], { node: '10.140.0.10', pods: '10.140.4.0/22' })
    assert.equal(new Set(all.map(({ node }) => node)).size, mostClusters)
    assert.equal(new Set(all.map(({ pods }) => pods)).size, mostClusters)
    for (const { pods } of all) assert.match(pods, /^10\.140\.(\d+)\.0\/22$/)
    assert.ok(all.every(({ pods }) => Number(pods.split('.')[2]) >= 4 && Number(pods.split('.')[2]) <= 252))
    assert.throws(() => computeClusterAddresses(140, mostClusters), RangeError)
  })
})
