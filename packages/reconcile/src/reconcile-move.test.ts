import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Move, MovePhase } from '@flotilla/model'
import { type PlaceName, placeNames, SimulatedHouse } from './move/testing/simulated-house.ts'
import { reconcileMove } from './reconcile-move.ts'

const asked = { by: 'flotilla:user:alice', at: '2026-01-01T00:00:00Z' }

function turn(house: SimulatedHouse, slow?: PlaceName | 'application'): void {
  house.round(slow)
  for (const name of placeNames) house.places[name].fire(house.now)
  house.pass()
  house.checkOne()
}

/** The pass that records the phase is the last that was made. */
function until(phase: MovePhase, house = new SimulatedHouse()): SimulatedHouse {
  for (let turns = 0; turns < 120 && house.move.status?.phase !== phase; turns++) turn(house)
  assert.equal(house.move.status?.phase, phase, JSON.stringify(house.move.status))
  return house
}

const standby = ({ application }: SimulatedHouse): (string | undefined)[] =>
  (application.spec.standby ?? []).map(({ clusters }) => clusters?.names?.[0])

describe('a move', () => {
  test('goes through its phases, and records each before the application says what it wants', () => {
    const house = new SimulatedHouse()
    house.ask({ confirmedTraffic: asked })
    until('Succeeded', house)
    const steps = house.move.status?.steps?.map(({ phase }) => phase)
    assert.deepEqual(steps, [
      'Pending',
      'Preparing',
      'SuspendingSource',
      'Draining',
      'StartingTarget',
      'AwaitingTraffic',
      'RemovingSource',
      'Succeeded',
    ])
    for (let turns = 0; turns < 3; turns++) turn(house)
    assert.equal(house.application.spec.move, undefined)
    assert.deepEqual(house.application.spec.placement, { clusters: { names: ['west'] } })
    assert.match(house.move.status?.message ?? '', /^Moved from east\/shop to west\/shop; for [\d.]+ s/)
  })

  test('takes no place from a rollout that is under way, there and back', () => {
    const house = until('Preparing')
    house.rollouts = ['web-4-1']
    for (let turns = 0; turns < 60; turns++) turn(house)
    const said = () => [house.move.status?.phase, house.move.status?.waitingFor]
    assert.deepEqual(said(), ['Preparing', 'the rollout web-4-1 to end'])
    house.ask({ undo: asked })
    for (let turns = 0; turns < 60; turns++) turn(house)
    assert.deepEqual(said(), ['UndoRemovingTarget', 'the rollout web-4-1 to end'])
    house.rollouts = []
    until('Undone', house)
  })

  test('waits for a person before the old place is taken away', () => {
    const house = until('AwaitingTraffic')
    for (let turns = 0; turns < 60; turns++) turn(house)
    assert.equal(house.move.status?.phase, 'AwaitingTraffic')
    assert.match(house.move.status?.waitingFor ?? '', /^somebody to confirm/)
    assert.deepEqual([house.places.east.present, house.places.east.acts], [true, false])
    assert.deepEqual([house.places.west.acts, house.places.west.pods], [true, 2])
  })

  test('does not let the new place start when the old one began to act after it was recorded', () => {
    const house = until('StartingTarget')
    assert.deepEqual(standby(house), ['east', 'west'])
    house.meddle('east')
    house.pass()
    assert.deepEqual(standby(house), ['east', 'west'])
    assert.equal(house.move.status?.waitingFor, 'CronJob nightly to be suspended in east/shop')
    until('AwaitingTraffic', house)
  })

  test('does not take a place for still that a slow controller is about to let start', () => {
    const house = until('StartingTarget')
    house.pass()
    assert.deepEqual(standby(house), ['east'])
    house.readApplication()
    house.ask({ undo: asked })
    for (let turns = 0; turns < 20; turns++) turn(house, 'application')
    assert.equal(house.move.status?.waitingFor, 'the application to be looked at')
    // what it read before comes to its end now
    house.writeDeliveries()
    until('Undone', house)
    assert.equal(house.places.east.acts, true)
  })

  test('does not take a place for still where what lets it start is on its way', () => {
    const house = until('StartingTarget')
    house.pass()
    const { target } = house.places.west
    const isApplying = (): boolean => target.lastDecision?.effects.some(({ kind }) => kind === 'apply') === true
    for (let turns = 0; turns < 20 && !isApplying(); turns++) {
      house.endDelivery('west')
      house.round('west')
      house.beginDelivery('west')
    }
    assert.ok(isApplying())
    house.ask({ undo: asked })
    for (let turns = 0; turns < 20; turns++) turn(house, 'west')
    assert.equal(house.places.west.acts, false)
    assert.deepEqual(standby(house), ['east', 'west'])
    assert.match(house.move.status?.waitingFor ?? '', /^Delivery shop\.west/)
    house.endDelivery('west')
    assert.equal(house.places.west.acts, true)
    until('Undone', house)
    assert.equal(house.places.east.acts, true)
  })

  test('waits for a source that is lost on the way, and says so', () => {
    const house = until('Draining')
    house.places.east.target.connected = false
    for (let turns = 0; turns < 60; turns++) turn(house)
    assert.equal(house.move.status?.phase, 'Draining')
    assert.match(house.move.status?.waitingFor ?? '', /east\/shop to be seen: east is cut off|the cluster east/)
    assert.equal(house.places.west.acts, false)
    house.places.east.target.connected = true
    until('AwaitingTraffic', house)
  })

  test('comes back while the new place cannot be reached, as long as nothing was let start there', () => {
    const house = until('Draining')
    house.places.west.target.connected = false
    house.ask({ undo: asked })
    for (let turns = 0; turns < 60 && !house.places.east.acts; turns++) turn(house)
    assert.equal(house.places.east.acts, true)
  })

  test('does not come back while a new place that was let start cannot be reached', () => {
    const house = until('AwaitingTraffic')
    house.places.west.target.connected = false
    house.ask({ undo: asked })
    for (let turns = 0; turns < 60; turns++) turn(house)
    assert.equal(house.move.status?.phase, 'UndoStoppingTarget')
    assert.equal(house.places.east.acts, false)
    assert.match(house.move.status?.waitingFor ?? '', /west/)
  })

  test('lets go of everything as it stands when it is aborted, or deleted', () => {
    for (const end of ['abort', 'delete'] as const) {
      const house = until('Draining')
      if (end === 'abort') house.ask({ abort: asked })
      else house.move = { ...house.move, metadata: { ...house.move.metadata, deletionTimestamp: house.time } }
      until('Aborted', house)
      for (let turns = 0; turns < 5; turns++) turn(house)
      assert.equal(house.application.spec.move, undefined)
      assert.deepEqual(standby(house), ['east', 'west'])
      assert.deepEqual(house.move.metadata.finalizers, [])
    }
  })

  test('is over when its application is', () => {
    const house = until('Draining')
    const { metadata } = house.application
    house.application = { ...house.application, metadata: { ...metadata, deletionTimestamp: house.time } }
    until('Aborted', house)
  })

  test('says the same of the same, so that times hold still', () => {
    const house = until('AwaitingTraffic')
    turn(house)
    const { status } = house.move
    turn(house)
    assert.deepEqual(house.move.status, status)
  })
})

describe('a move is refused', () => {
  const refused = (prepare: (house: SimulatedHouse) => void, spec: Partial<Move['spec']> = {}): string | undefined => {
    const house = new SimulatedHouse()
    house.move = { ...house.move, spec: { ...house.move.spec, ...spec } }
    prepare(house)
    for (let turns = 0; turns < 80 && house.move.status?.phase !== 'Refused'; turns++) turn(house)
    assert.equal(house.move.status?.phase, 'Refused', JSON.stringify(house.move.status))
    assert.deepEqual(standby(house), [])
    assert.notEqual(house.application.spec.move, house.move.metadata.name)
    return house.move.status.message
  }
  const none = (): void => undefined
  const respec = (spec: object) => (house: SimulatedHouse) => {
    house.application = { ...house.application, spec: { ...house.application.spec, ...spec } }
  }

  test('while a place cannot be reached', () => {
    for (const name of placeNames) {
      const why = refused((house) => (house.places[name].target.connected = false))
      assert.match(why ?? '', new RegExp(`^${name}/shop cannot be reached`))
    }
  })
  test('for what is not there, not there to go to, or there already', () => {
    assert.match(refused(none, { from: { clusters: ['north'] } }) ?? '', /not in north; it is in east\/shop/)
    assert.match(refused(none, { to: { clusters: ['north'] } }) ?? '', /north\/shop is no target of the project/)
    assert.match(refused(none, { to: { clusters: ['west', 'north'] } }) ?? '', /not the same number/)
    assert.match(refused(none, { to: { clusters: ['east'] } }) ?? '', /is in east\/shop already/)
    assert.match(refused(respec({ placement: {} })) ?? '', /is in west\/shop already/)
  })
  test('for an application that is paused, in the hand of another move, or stands by', () => {
    assert.match(refused(respec({ paused: true })) ?? '', /paused/)
    assert.match(refused(respec({ move: 'another' })) ?? '', /move another has the application in hand/)
  })
  test('never for what is only not known yet', () => {
    const house = new SimulatedHouse()
    house.pass()
    const observed = { ...house.observe(), looks: new Map() }
    const { status } = reconcileMove({ object: house.move, observed, now: house.time })
    assert.equal(status.phase, 'Pending')
    assert.match(status.waitingFor ?? '', /east\/shop to be seen/)
  })
})
