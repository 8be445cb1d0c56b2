import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { refKey, refOf, canonicalJson } from '@flotilla/model'
import * as fc from 'fast-check'
import { configMap, desiredOf, hook, sampleDelivery, sampleSet } from './delivery/testing/sample-delivery.ts'
import { SimulatedTarget } from './delivery/testing/simulated-target.ts'
import type { DeliverySet } from './delivery/types.ts'

const migrate = hook('migrate', ['pre-install', 'pre-upgrade'])
const settings = hook(
  'settings',
  ['pre-install', 'pre-upgrade'],
  ['before-hook-creation', 'hook-succeeded'],
  'ConfigMap',
)
const notify = hook('notify', ['post-install', 'post-upgrade'], ['hook-succeeded'])
const farewell = hook('farewell', ['pre-delete', 'post-delete'])
const broken = hook('broken', ['pre-upgrade'], ['hook-failed'])

const sets = new Map<string, DeliverySet>([
  ['one', sampleSet('web', [configMap('a', '1'), configMap('b', '1')], [settings, migrate, farewell], 'web')],
  ['two', sampleSet('web', [configMap('a', '2'), configMap('c', '1')], [migrate, notify], 'web')],
  ['plain', sampleSet('web', [configMap('a', '3')])],
  ['broken', sampleSet('web', [configMap('a', '4')], [migrate, broken], 'web')],
  ['extra', sampleSet('extra', [configMap('x', '1')], [farewell], 'extra')],
])
const wishes: readonly Readonly<Record<string, string>>[] = [
  {},
  { web: 'one' },
  { web: 'two' },
  { web: 'plain' },
  { web: 'broken' },
  { web: 'one', extra: 'extra' },
  { web: 'two', extra: 'extra' },
]
const wellWishes = wishes.filter((wish) => wish['web'] !== 'broken')

type Event =
  | { readonly do: 'want'; readonly wish: Readonly<Record<string, string>> }
  | { readonly do: 'kill'; readonly writes: number; readonly after: boolean }
  | { readonly do: 'pass' | 'tick' | 'sync' | 'cut' | 'heal' | 'restart' | 'helm' | 'pause' | 'resume' | 'expire' }
  | { readonly do: 'stand' | 'act' }
  | { readonly do: 'run'; readonly passes: number }
  | { readonly do: 'meddle' | 'delete'; readonly name: string }

const name = fc.constantFrom('a', 'b', 'c', 'x')
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('pass' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('tick' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('run' as const), passes: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('want' as const), wish: fc.constantFrom(...wishes) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('kill' as const),
      writes: fc.integer({ min: 1, max: 6 }),
      after: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('meddle' as const, 'delete' as const), name }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'sync',
        'cut',
        'heal',
        'restart',
        'helm',
        'pause',
        'resume',
        'expire',
        'stand',
        'act',
      ) as fc.Arbitrary<'sync'>,
    }),
  },
)

function happen(target: SimulatedTarget, event: Event, at: number): void {
  const { delivery } = target
  const respec = (spec: object): void => {
    target.delivery = { ...delivery, spec: { ...delivery.spec, ...spec } }
  }
  switch (event.do) {
    case 'want':
      return respec({ desired: desiredOf(event.wish, at + 2) })
    case 'kill':
      target.killIn = { writes: event.writes, after: event.after }
      return
    case 'pass':
      target.pass()
      return
    case 'tick':
      return target.tick()
    case 'run':
      target.settle(event.passes)
      return
    case 'sync':
      return respec({ syncRequest: `request ${at}` })
    case 'cut':
    case 'heal':
      target.connected = event.do === 'heal'
      return
    case 'restart':
      return target.restart()
    case 'helm': {
      const release = target.releases.get('web')
      if (release !== undefined)
        target.releases.set('web', { ...release, revision: release.revision + 1, writtenBy: undefined })
      return
    }
    case 'expire':
      return target.expireJobs()
    case 'pause':
    case 'resume':
      return respec({ paused: event.do === 'pause' })
    case 'stand':
    case 'act':
      return respec({ standby: event.do === 'stand' })
    case 'meddle':
    case 'delete': {
      const key = `/ConfigMap/shop/${event.name}`
      const seen = target.objects.get(key)
      if (seen === undefined || event.name === 'stranger') return
      if (event.do === 'delete') target.objects.delete(key)
      else target.put({ ...seen.object, data: { value: `meddled ${at}` } })
      return
    }
    default:
      event satisfies never
  }
}

const targets: SimulatedTarget[] = []

function start(wish: Readonly<Record<string, string>>): SimulatedTarget {
  const target = new SimulatedTarget(sampleDelivery(desiredOf(wish)), sets)
  target.put(configMap('stranger', '1'))
  target.tick()
  targets.push(target)
  return target
}

/** Whatever happened: in the end a person wants something sound, asks for it, and nothing is in the way. */
function bringHome(target: SimulatedTarget, wish: Readonly<Record<string, string>>): void {
  target.killIn = undefined
  target.connected = true
  const { delivery } = target
  const wanted = { desired: desiredOf(wish, 999), syncRequest: 'the last', paused: false, standby: false }
  const spec = { ...delivery.spec, ...wanted }
  target.delivery = { ...delivery, spec }
  target.settle(400)
}

const versions = ({ objects }: SimulatedTarget): unknown =>
  [...objects].map(([key, { uid, version }]) => [key, uid, version])

const history = fc.array(event, { maxLength: 80, size: 'max' })
// other ones at each run of the tests
const runs = { numRuns: 40 }

describe('whatever happens, in whatever order, and wherever the process is killed', () => {
  after(() => {
    // a generator that no longer reaches what it is there for would pass everything
    const sum = (of: (target: SimulatedTarget) => number): number =>
      targets.reduce((all, target) => all + of(target), 0)
    assert.ok(sum(({ kills }) => kills) > 200, 'kills')
    assert.ok(sum(({ hookRuns }) => hookRuns.length) > 400, 'runs of hooks')
    assert.ok(sum(({ deleted }) => deleted.length) > 100, 'prunes')
  })

  test('a run of a hook is created once, and one that ended well does not run again for the same work', () => {
    fc.assert(
      fc.property(fc.constantFrom(...wishes), history, fc.constantFrom(...wellWishes), (first, events, last) => {
        const target = start(first)
        events.forEach((event, at) => {
          happen(target, event, at)
          // what is done in the work in hand was begun once since that work began
          const attempt = target.delivery.status?.attempt
          const done = attempt?.hooksDone ?? []
          assert.equal(new Set(done).size, done.length)
        })
        bringHome(target, last)
        const keys = target.hookRuns.map(({ key }) => key)
        assert.equal(new Set(keys).size, keys.length, `a run was created twice: ${canonicalJson(target.hookRuns)}`)
      }),
      runs,
    )
  })

  test('killed before and after every single write, each hook still runs once, even if its finished job expires at once', () => {
    const story = (target: SimulatedTarget): void => {
      for (const wish of [{ web: 'one', extra: 'extra' }, { web: 'two' }]) {
        happen(target, { do: 'want', wish }, 0)
        for (let at = 0; at < 120; at++) {
          target.tick()
          const { kills } = target
          const rests = target.pass()
          if (rests && target.delivery.status?.phase === 'Settled') break
          if (target.kills > kills) {
            target.tick(5)
            target.expireJobs()
            target.tick()
          }
        }
        assert.equal(target.delivery.status?.phase, 'Settled')
      }
    }
    const undisturbed = start({ web: 'one', extra: 'extra' })
    story(undisturbed)
    const expected = undisturbed.hookRuns.map(({ id }) => id)
    assert.equal(expected.length, 6)
    for (let writes = 1; writes <= undisturbed.writes; writes++) {
      for (const after of [false, true]) {
        const target = start({ web: 'one', extra: 'extra' })
        target.killIn = { writes, after }
        story(target)
        assert.equal(target.kills, 1)
        const ran = target.hookRuns.map(({ id }) => id)
        assert.deepEqual(ran, expected, `killed ${after ? 'after' : 'before'} write ${writes}`)
      }
    }
  })

  test('it arrives at exactly what is wanted, and then there is nothing to do', () => {
    fc.assert(
      fc.property(fc.constantFrom(...wishes), history, fc.constantFrom(...wellWishes), (first, events, last) => {
        const target = start(first)
        events.forEach((event, at) => happen(target, event, at))
        bringHome(target, last)
        const { status } = target.delivery
        assert.equal(status?.phase, 'Settled', canonicalJson(status))
        assert.equal(status?.health, 'Healthy')
        const wanted = Object.values(last)
          .flatMap((digest) => sets.get(digest)?.objects ?? [])
          .map((object) => [refKey(refOf(object)), object['data']])
        const there = [...target.objects]
          .filter(([, { object }]) => object.kind === 'ConfigMap' && object.metadata.name !== 'settings')
          .map(([key, { object }]) => [key, object['data']])
        const stranger = ['/ConfigMap/shop/stranger', { value: '1' }]
        const byKey = ([a]: unknown[], [b]: unknown[]): number => String(a).localeCompare(String(b))
        assert.deepEqual(there.toSorted(byKey), [...wanted, stranger].toSorted(byKey))
        const finalizers = [...target.objects.values()].flatMap(({ object }) => object.metadata.finalizers ?? [])
        assert.deepEqual(finalizers, [], 'no hook is held any longer')
        assert.equal(target.pass(), true)
        assert.deepEqual(target.decide().effects, [])
      }),
      runs,
    )
  })

  test('nothing is deleted that is wanted, or that is not ours, and nothing at all is written to a cluster that is away', () => {
    fc.assert(
      fc.property(fc.constantFrom(...wishes), history, (first, events) => {
        const target = start(first)
        events.forEach((event, at) => {
          const before = target.deleted.length
          const { connected } = target
          const objects = connected ? undefined : versions(target)
          happen(target, event, at)
          if ((event.do === 'pass' || event.do === 'run') && objects !== undefined)
            assert.deepEqual(versions(target), objects)
          const wanted = new Set(
            (target.delivery.spec.desired?.components ?? [])
              .flatMap(({ digest }) => sets.get(digest)?.objects ?? [])
              .map((object) => refKey(refOf(object))),
          )
          for (const key of target.deleted.slice(before)) {
            assert.ok(!wanted.has(key), `${key} was deleted although it is wanted`)
            assert.notEqual(key, '/ConfigMap/shop/stranger')
          }
        })
      }),
      runs,
    )
  })

  test('the same input gives the same decision', () => {
    fc.assert(
      fc.property(fc.constantFrom(...wishes), history, (first, events) => {
        const target = start(first)
        events.forEach((event, at) => happen(target, event, at))
        assert.equal(canonicalJson(target.decide()), canonicalJson(target.decide()))
      }),
      { numRuns: 20 },
    )
  })

  test('a removal ends, whatever was in hand, and leaves what is not ours', () => {
    fc.assert(
      fc.property(fc.constantFrom(...wishes), history, fc.boolean(), (first, events, keep) => {
        const target = start(first)
        events.forEach((event, at) => happen(target, event, at))
        const { delivery } = target
        target.killIn = undefined
        target.connected = true
        target.delivery = {
          ...delivery,
          metadata: { ...delivery.metadata, deletionTimestamp: target.time },
          spec: { ...delivery.spec, deletionPolicy: keep ? 'Keep' : 'Delete', syncRequest: 'the last' },
        }
        target.settle(400)
        assert.equal(target.removed || (target.delivery.metadata.finalizers ?? []).length === 0, true)
        assert.ok(target.objects.has('/ConfigMap/shop/stranger'))
        const held = [...target.objects.values()].flatMap(({ object }) => object.metadata.finalizers ?? [])
        assert.deepEqual(held, [])
        if (!keep) {
          const left = [...target.objects.values()]
            .filter(
              ({ object }) => object.kind === 'ConfigMap' && !['stranger', 'settings'].includes(object.metadata.name),
            )
            .map(({ object }) => object.metadata.name)
          assert.deepEqual(left, [])
        }
      }),
      runs,
    )
  })
})
