import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { endedPhases } from '@flotilla/model'
import { anyEvent, anyFleet, type PlannedFleet, type RolloutEvent } from './rollout/testing/arbitraries.ts'
import { bringToAnEnd } from './rollout/testing/bring-to-an-end.ts'
import { happen } from './rollout/testing/events.ts'
import { RolloutWorld } from './rollout/testing/rollout-world.ts'
import { at } from './rollout/testing/story.ts'

const counted = { histories: 0, events: 0, passes: 0, kills: 0, places: new Map<string, number>() }

function live(
  { plan, clusters, only, leaving, takesAway }: PlannedFleet,
  events: readonly RolloutEvent[],
): RolloutWorld {
  const world = new RolloutWorld(clusters)
  for (const cluster of leaving) world.leaving.add(cluster)
  world.takesAway = takesAway
  world.start('run', plan, 'v2', only === undefined ? {} : { targets: only.map(at) })
  for (const event of events) {
    happen(world, event)
    counted.events++
  }
  counted.histories++
  return world
}

function note(world: RolloutWorld): void {
  counted.passes += world.passes
  counted.kills += world.kills
  for (const [place, count] of world.seen) counted.places.set(place, (counted.places.get(place) ?? 0) + count)
}

const numRuns = Number(process.env['FLOTILLA_HISTORIES'] ?? 200)
const history = fc.array(anyEvent, { minLength: 10, maxLength: 60, size: 'max' })

describe('every history of a rollout (in a simulated fleet)', () => {
  after(() => {
    const { histories, events, passes, kills, places } = counted
    const seen = [...places].sort(([a], [b]) => (a < b ? -1 : 1)).map(([place, count]) => `${place} ${count}`)
    console.log(`${histories} histories, ${events} events, ${passes} passes, ${kills} kills; seen: ${seen.join(', ')}`)
  })

  it('breaks no rule, and people bring it to an end by aborting and skipping though nothing works', () => {
    fc.assert(
      fc.property(anyFleet, history, (fleet, events) => {
        const world = live(fleet, events)
        const stuck = bringToAnEnd(world, 'abort')
        note(world)
        assert.deepEqual(world.violations, [])
        assert.deepEqual(world.steps.violations, [])
        assert.equal(stuck, undefined)
      }),
      { numRuns, endOnFailure: process.env['FLOTILLA_HISTORIES'] !== undefined },
    )
  })

  it('breaks no rule, and people bring it through by resuming, retrying, skipping and resolving when the fleet works again', () => {
    fc.assert(
      fc.property(anyFleet, history, (fleet, events) => {
        const world = live(fleet, events)
        const stuck = bringToAnEnd(world, 'repair')
        note(world)
        assert.deepEqual(world.violations, [])
        assert.deepEqual(world.steps.violations, [])
        assert.equal(stuck, undefined)
        for (const { status } of world.rollouts.values()) assert.ok(endedPhases.includes(status?.phase ?? 'Pending'))
      }),
      { numRuns, endOnFailure: process.env['FLOTILLA_HISTORIES'] !== undefined },
    )
  })
})
