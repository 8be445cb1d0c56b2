import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { canonicalJson, endedMovePhases, type MovePhase } from '@flotilla/model'
import * as fc from 'fast-check'
import { type PlaceName, placeNames, SimulatedHouse } from './move/testing/simulated-house.ts'

type Event =
  | { readonly do: 'kill'; readonly writes: number; readonly late: boolean }
  | { readonly do: 'killDelivery'; readonly place: PlaceName; readonly writes: number; readonly after: boolean }
  | { readonly do: 'cut' | 'heal' | 'fire' | 'meddle' | 'restart'; readonly place: PlaceName }
  | { readonly do: 'deliver' | 'begin' | 'end'; readonly place: PlaceName }
  | { readonly do: 'tick'; readonly seconds: number }
  | { readonly do: 'rounds'; readonly count: number; readonly slow: Slow; readonly quick: boolean }
  | { readonly do: 'until'; readonly phase: MovePhase }
  | { readonly do: 'pass' | 'read' | 'write' | 'land' | 'undo' | 'confirm' }
type Slow = PlaceName | 'application' | undefined

const place = fc.constantFrom<PlaceName>('east', 'west')
const one = <Do extends string>(...names: Do[]) => fc.record({ do: fc.constantFrom(...names) })
const at = <Do extends string>(...names: Do[]) => fc.record({ do: fc.constantFrom(...names), place })
const phases = [
  'Preparing',
  'SuspendingSource',
  'Draining',
  'StartingTarget',
  'AwaitingTraffic',
  'RemovingSource',
] as const
const phase = fc.constantFrom<MovePhase>(...phases, 'UndoStoppingTarget', 'UndoStartingSource')

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 8, arbitrary: one('pass') },
  { weight: 4, arbitrary: one('read', 'write') },
  { weight: 5, arbitrary: at('deliver', 'begin', 'end') },
  { weight: 3, arbitrary: at('meddle') },
  { weight: 1, arbitrary: at('restart', 'cut', 'fire') },
  { weight: 2, arbitrary: at('heal') },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('tick' as const), seconds: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('until' as const), phase }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('rounds' as const),
      count: fc.integer({ min: 1, max: 25 }),
      slow: fc.constantFrom<Slow>(undefined, 'east', 'west', 'application'),
      quick: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('kill' as const),
      writes: fc.integer({ min: 1, max: 3 }),
      late: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: one('land') },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('killDelivery' as const),
      place,
      writes: fc.integer({ min: 1, max: 4 }),
      after: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: one('undo', 'confirm') },
)

const asked = (by: string) => ({ by, at: '2026-01-01T00:00:00Z' })

function happen(house: SimulatedHouse, event: Event): void {
  switch (event.do) {
    case 'pass':
      return pass(house)
    case 'read':
      return house.readApplication()
    case 'write':
      return house.writeDeliveries()
    case 'deliver':
      return house.deliver(event.place)
    case 'begin':
      return house.beginDelivery(event.place)
    case 'end':
      return house.endDelivery(event.place)
    case 'fire':
      return house.places[event.place].fire(house.now)
    case 'meddle':
      return house.meddle(event.place)
    case 'restart':
      return house.places[event.place].target.restart()
    case 'cut':
    case 'heal':
      house.places[event.place].target.connected = event.do === 'heal'
      return
    case 'tick':
      return house.tick(event.seconds)
    case 'rounds':
      for (let turn = 0; turn < event.count; turn++) turnRound(house, event.slow, event.quick ? 0.2 : 1)
      return
    case 'until':
      for (let turn = 0; turn < 60 && house.move.status?.phase !== event.phase; turn++) turnRound(house)
      return
    case 'kill':
      house.killIn = { writes: event.writes, late: event.late }
      return
    case 'killDelivery':
      house.places[event.place].target.killIn = { writes: event.writes, after: event.after }
      return
    case 'land':
      return house.land()
    case 'undo':
      return house.ask({ undo: asked('bob') })
    case 'confirm':
      return house.ask({ confirmedTraffic: asked('alice') })
    default:
      event satisfies never
  }
}

/** The schedules are always due, and a process has several turns before others have theirs. */
function turnRound(house: SimulatedHouse, slow?: Slow, seconds?: number): void {
  house.round(slow, seconds)
  for (const name of placeNames) house.places[name].fire(house.now)
  house.checkOne()
  for (let turn = 0; turn < 3; turn++) pass(house)
  house.checkOne()
}

/** Nobody is ever left without a word on what is waited for. */
function pass(house: SimulatedHouse): void {
  const rested = house.pass()
  const { phase, waitingFor, waitingSince, message } = house.move.status ?? {}
  if (!rested || phase === undefined) return
  if (endedMovePhases.includes(phase)) assert.notEqual(message, undefined)
  else assert.ok(waitingFor !== undefined && waitingFor !== '' && waitingSince !== undefined, `stuck in ${phase}`)
}

const isEnded = ({ move }: SimulatedHouse): boolean =>
  move.status?.phase !== undefined && endedMovePhases.includes(move.status.phase)

/** Nothing is in the way any more; people ask for one of both ends. */
function bringHome(house: SimulatedHouse, end: 'undo' | 'confirm'): void {
  house.killIn = undefined
  for (const place of Object.values(house.places)) {
    place.target.killIn = undefined
    place.target.connected = true
  }
  for (const name of placeNames) house.endDelivery(name)
  house.land()
  house.ask(end === 'undo' ? { undo: asked('bob') } : { confirmedTraffic: asked('alice') })
  for (let turn = 0; turn < 600; turn++) {
    turnRound(house)
    if (isEnded(house) && house.rests && house.application.spec.move === undefined) break
  }
  for (let turn = 0; turn < 5; turn++) turnRound(house)
}

const houses: SimulatedHouse[] = []
const history = fc.array(event, { maxLength: 60, size: 'max' })
const runs = { numRuns: 30 }

describe('whatever happens to a move, in whatever order, and wherever its process is killed', () => {
  after(() => {
    // a generator that no longer reaches what it is there for would pass everything
    const reached = (phase: string): number =>
      houses.filter(({ move }) => move.status?.steps?.some((step) => step.phase === phase)).length
    for (const phase of ['Draining', 'StartingTarget', 'AwaitingTraffic', 'UndoStoppingTarget', 'Undone', 'Succeeded'])
      assert.ok(reached(phase) > 0, `${phase} was reached ${reached(phase)} times`)
    const kills = houses.reduce((all, { kills: some }) => all + some, 0)
    assert.ok(kills > 3, `${kills} kills`)
  })

  test('what acts by itself runs in one place at most, and it ends in one of both', () => {
    fc.assert(
      fc.property(history, fc.constantFrom('undo' as const, 'confirm' as const), (events, end) => {
        const house = new SimulatedHouse()
        houses.push(house)
        for (const event of events) {
          happen(house, event)
          house.checkOne()
        }
        bringHome(house, end)
        const { status } = house.move
        const { east, west } = house.places
        assert.equal(house.application.spec.move, undefined, canonicalJson(status))
        assert.deepEqual(house.application.spec.standby ?? [], [])
        const moved = status?.phase === 'Succeeded'
        assert.ok(moved || ['Undone', 'Refused'].includes(status?.phase ?? ''), canonicalJson(status))
        if (end === 'confirm' && status?.phase === 'Undone') assert.notEqual(house.move.spec.control.undo, undefined)
        if (end === 'undo' && moved) assert.notEqual(house.move.spec.control.confirmedTraffic, undefined)
        const [there, left] = moved ? [west, east] : [east, west]
        assert.deepEqual([there.schedules, there.wanted, there.pods], [true, 2, 2], canonicalJson(status))
        assert.deepEqual([left.present, left.acts], [false, false])
        const names = house.application.spec.placement.clusters?.names
        assert.deepEqual(names, [moved ? 'west' : 'east'])
        assert.deepEqual(house.move.metadata.finalizers ?? [], [])
      }),
      runs,
    )
  })

  test('the way back leads to where it was, from each phase', () => {
    for (const phase of phases) {
      const house = new SimulatedHouse()
      house.ask({ confirmedTraffic: asked('alice') })
      for (let turn = 0; turn < 300 && house.move.status?.phase !== phase; turn++) {
        house.round()
        house.pass()
        house.checkOne()
      }
      assert.equal(house.move.status?.phase, phase)
      bringHome(house, 'undo')
      assert.equal(house.move.status?.phase, 'Undone', `from ${phase}`)
      assert.equal(house.places.east.acts, true)
      assert.equal(house.places.west.present, false)
      assert.deepEqual(house.application.spec.placement, { clusters: { names: ['east'] } })
    }
  })

  test('the gap is from when nothing acted any more to when it was seen running', () => {
    const house = new SimulatedHouse()
    bringHome(house, 'confirm')
    const { gap, phase } = house.move.status ?? {}
    assert.equal(phase, 'Succeeded')
    assert.ok(gap?.seconds !== undefined && gap.seconds >= 5 && gap.seconds < 40, canonicalJson(gap))
    assert.equal(house.move.status?.undoGap, undefined)
  })
})
