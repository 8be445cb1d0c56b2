import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { computePlacement, type Placement, type Target, targetKey } from '@flotilla/model'
import * as fc from 'fast-check'
import { replaceTargets, withTargets } from './placement.ts'

const clusters = ['east', 'north', 'west']
const namespaces = ['blue', 'green']
const targets = clusters.flatMap((cluster) =>
  namespaces.map((namespace): Target => ({
    cluster,
    namespace,
    environment: namespace === 'blue' ? 'prod' : 'next',
    labels: { 'flotilla.dev/cluster': cluster, region: cluster === 'west' ? 'far' : 'near' },
  })),
)
const at = (key: string) => {
  const [cluster = '', namespace = ''] = key.split('/')
  return { cluster, namespace }
}
const keys = (placement: Placement | undefined): string[] | undefined =>
  placement && computePlacement({ placement }, targets).map(targetKey).toSorted()

describe('a placement', () => {
  const eastOnly = targets.filter(({ namespace }) => namespace === 'blue')
  test('of names alone reads as a person would write it when it has moved', () => {
    const change = { added: [at('west/blue')], removed: [at('east/blue')] }
    assert.deepEqual(replaceTargets({ clusters: { names: ['east', 'north'] } }, change, eastOnly), {
      clusters: { names: ['north', 'west'] },
    })
  })
  test('that was moved there and back is what it was', () => {
    const before: Placement = { clusters: { selector: { matchLabels: { region: 'near' } } }, environments: ['prod'] }
    const there = { added: [at('west/blue')], removed: [at('east/blue')] }
    const moved = replaceTargets(before, there, targets)
    assert.deepEqual(keys(moved), ['north/blue', 'west/blue'])
    assert.ok(moved !== undefined)
    assert.deepEqual(replaceTargets(moved, { added: there.removed, removed: there.added }, targets), before)
  })
  test('that leaves a target out for others as well is not changed behind their back', () => {
    const before: Placement = { clusters: { names: ['east'] }, except: [{ namespaces: ['green'] }] }
    assert.equal(withTargets(before, [at('west/green')], targets), undefined)
    assert.deepEqual(
      keys(
        withTargets(
          { except: [{ clusters: { names: ['west'] }, namespaces: ['green'] }] },
          [at('west/green')],
          targets,
        ),
      ),
      targets.map(targetKey),
    )
  })
})

test('any placement has exactly the targets that it is to have, or is refused', () => {
  const choice = fc.record(
    {
      clusters: fc.record({ names: fc.subarray(clusters, { minLength: 1 }) }),
      namespaces: fc.subarray(namespaces, { minLength: 1 }),
    },
    { requiredKeys: [] },
  )
  const placement: fc.Arbitrary<Placement> = fc.record(
    {
      clusters: fc.record({ names: fc.subarray(clusters) }),
      environments: fc.subarray(['prod', 'next']),
      also: fc.array(choice, { maxLength: 2 }),
      except: fc.array(choice, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  )
  let made = 0
  fc.assert(
    fc.property(placement, fc.subarray(targets), fc.subarray(targets), (before, removed, all) => {
      const added = all.filter((target) => !removed.includes(target))
      const after = replaceTargets(before, { added, removed }, targets)
      if (after === undefined) return
      made++
      const wanted = new Set([...(keys(before) ?? []), ...added.map(targetKey)])
      for (const target of removed) wanted.delete(targetKey(target))
      assert.deepEqual(keys(after), [...wanted].toSorted())
    }),
    { numRuns: 300 },
  )
  assert.ok(made > 100)
})
