import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { computePlacement, computeTargets, unknown } from '@flotilla/model'
import * as fc from 'fast-check'
import { isWritten } from './application/desired-delivery.ts'
import { computeSettled } from './application/settled.ts'
import { chart, createTestWorld } from './application/test-world.ts'

const names = ['east', 'edge', 'north', 'south', 'west']
const cluster = fc.constantFrom(...names)
const choice = fc.oneof(
  fc.record({ names: fc.array(cluster, { maxLength: 3 }) }),
  fc.record({ selector: fc.constantFrom({ matchLabels: { region: 'eu' } }, { matchLabels: { region: 'us' } }) }),
)
const override = fc.record(
  {
    clusters: choice,
    component: fc.constantFrom('web', 'api', 'absent'),
    values: fc.dictionary(fc.constantFrom('a', 'b'), fc.nat(3), { maxKeys: 2 }),
    required: fc.boolean(),
  },
  { requiredKeys: ['values'] },
)
const overrides = fc
  .array(override, { maxLength: 3 })
  .map((list) => list.map((item, index) => Object.assign({ name: `o${index}` }, item)))
const components = fc.constantFrom([chart('web')], [chart('web'), chart('api', { values: { x: 1 } })])
const spec = fc.record({
  components,
  overrides,
  maxConcurrency: fc.integer({ min: 1, max: 4 }),
  placement: fc.record({ clusters: choice }, { requiredKeys: [] }),
})
const event = fc.oneof(
  fc.record({
    type: fc.constant('govern' as const),
    change: fc.record({ mode: fc.constantFrom('direct', 'governed') }),
  }),
  fc.record({ type: fc.constant('sync' as const), asked: fc.constantFrom('one', 'two') }),
  fc.record({ type: fc.constant('edit' as const), change: fc.record({ overrides, components }, { requiredKeys: [] }) }),
  fc.record({ type: fc.constant('place' as const), change: fc.record({ placement: fc.record({ clusters: choice }) }) }),
  fc.record({ type: fc.constant('pause' as const), change: fc.record({ paused: fc.boolean() }) }),
  fc.record({
    type: fc.constant('deliver' as const),
    cluster,
    health: fc.constantFrom('Healthy', 'Degraded', 'Progressing'),
  }),
  fc.record({
    type: fc.constant('connection' as const),
    cluster,
    to: fc.constantFrom('lost', 'connected', 'connecting'),
  }),
  fc.record({ type: fc.constant('source' as const), text: fc.constantFrom('chart 1', 'chart 2') }),
  fc.record({ type: fc.constant('breaks' as const), cluster: fc.option(cluster) }),
  fc.record({ type: fc.constant('time' as const), seconds: fc.integer({ min: 1, max: 400 }) }),
)
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never
type World = ReturnType<typeof createTestWorld>

function happen(world: World, what: Event): void {
  switch (what.type) {
    case 'edit':
    case 'place':
    case 'pause':
    case 'govern':
      return world.edit(what.change)
    case 'sync':
      return world.sync(what.asked)
    case 'deliver':
      return world.deliver(what.cluster, what.health)
    case 'connection':
      return world.setConnection(what.cluster, what.to)
    case 'source':
      world.source = what.text
      return undefined
    case 'breaks':
      world.failRender = (name) => name === what.cluster
      return undefined
    case 'time':
      return world.advance(what.seconds)
    default:
      return what satisfies never
  }
}

const unsettled = (world: World): number => {
  const lost = new Set(world.clusters.flatMap(({ name, connection }) => (connection === 'lost' ? [name] : [])))
  return [...world.deliveries.values()].filter(
    (delivery) => !lost.has(delivery.spec.target.cluster) && !computeSettled(delivery, world.now()).settled,
  ).length
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(freeze)
  }
  return value
}

const story = fc.tuple(spec, fc.array(event, { maxLength: 15 }))
const runs = { numRuns: 100 }

describe('whatever happens to an application', () => {
  test('the same input gives the same plan, and the input is left as it was', () => {
    fc.assert(
      fc.property(story, ([declared, events]) => {
        const world = createTestWorld(declared, names)
        for (const what of events) {
          happen(world, what)
          freeze(world.application)
          assert.deepEqual(world.decide(), world.decide())
          world.pass()
        }
      }),
      runs,
    )
  })

  test('it comes to rest, and then there is nothing left to write, to do or to say', () => {
    fc.assert(
      fc.property(story, ([declared, events]) => {
        const world = createTestWorld(declared, names)
        for (const what of events) {
          happen(world, what)
          world.run()
          const again = world.decide()
          assert.deepEqual(again.effects, [])
          assert.deepEqual(again.status, world.application.status)
          assert.ok(again.objects.known)
          for (const object of again.objects.value)
            assert.ok(isWritten(object, world.deliveries.get(object.object.metadata.name)))
          assert.equal(again.objects.value.length, world.deliveries.size)
        }
      }),
      runs,
    )
  })

  test('no more than maxConcurrency targets are set moving at once', () => {
    fc.assert(
      fc.property(story, ([declared, events]) => {
        const world = createTestWorld(declared, names)
        for (const what of events) {
          happen(world, what)
          for (let i = 0; i < 6; i++) {
            const before = unsettled(world)
            world.pass()
            assert.ok(unsettled(world) <= Math.max(before, declared.maxConcurrency))
          }
        }
      }),
      runs,
    )
  })

  test('what is not known deletes nothing and moves nothing', () => {
    const part = fc.constantFrom('project' as const, 'clusters' as const, 'deliveries' as const, 'siblings' as const)
    fc.assert(
      fc.property(story, part, ([declared, events], hidden) => {
        const world = createTestWorld(declared, names)
        world.run()
        const before = new Map([...world.deliveries].map(([name, { spec: was }]) => [name, was.desired]))
        world.observe = { [hidden]: unknown('cut') }
        // what a member does is its own; here only what we decide may show
        for (const what of events.filter(({ type }) => type !== 'deliver')) {
          happen(world, what)
          world.pass()
        }
        assert.deepEqual(world.deleted, [])
        assert.deepEqual(new Map([...world.deliveries].map(([name, { spec: is }]) => [name, is.desired])), before)
      }),
      runs,
    )
  })

  test('at rest there is a Delivery for each target and for nothing else, unless it may not change', () => {
    fc.assert(
      fc.property(story, ([declared, events]) => {
        const world = createTestWorld(declared, names)
        for (const what of events) {
          happen(world, what)
          const { next } = world.run()
          const { paused, mode, placement } = world.application.spec
          if (paused || mode === 'governed' || next.next === 'stalled') continue
          const wanted = computePlacement({ placement }, computeTargets(world.project, world.clusters))
          assert.deepEqual(
            [...world.deliveries.keys()].sort(),
            wanted.map((target) => `web.${target.cluster}`),
          )
        }
      }),
      runs,
    )
  })

  test('in governed mode nothing is made, taken away or wanted otherwise, and a sync gives once more what was there', () => {
    fc.assert(
      fc.property(story, fc.array(event, { maxLength: 15 }), ([declared, events], later) => {
        const world = createTestWorld(declared, names)
        for (const what of events) {
          happen(world, what)
          world.run()
        }
        world.edit({ mode: 'governed' })
        const before = new Map([...world.deliveries].map(([name, { spec: was }]) => [name, was.desired]))
        const history = world.history.length
        // one that was never given anything is no loss where its target left
        const given = () => [...world.deliveries.values()].filter(({ spec: is }) => is.desired !== undefined).length
        const count = given()
        for (const what of later.filter(({ type }) => type !== 'govern')) {
          happen(world, what)
          world.run()
          for (const [name, { spec: is }] of world.deliveries) assert.deepEqual(is.desired, before.get(name))
        }
        assert.equal(given(), count)
        assert.equal(world.history.length, history)
      }),
      runs,
    )
  })

  test('every digest that a target was ever given is in the history', () => {
    fc.assert(
      fc.property(story, ([declared, events]) => {
        const world = createTestWorld(declared, names)
        for (const what of events) {
          happen(world, what)
          world.pass()
          const known = new Set(world.history.flatMap(({ targets }) => Object.values(targets)))
          for (const { spec: given } of world.deliveries.values())
            if (given.desired !== undefined) assert.ok(known.has(given.desired.digest))
        }
        const numbers = world.history.map(({ revision }) => revision)
        assert.deepEqual(
          numbers,
          numbers.map((_, index) => index + 1),
        )
      }),
      runs,
    )
  })
})
