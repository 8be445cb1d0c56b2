import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { annotations, finalizer, unknown } from '@flotilla/model'
import { chart, createTestWorld } from './application/test-world.ts'

const three = ['east', 'north', 'west']

describe('application', () => {
  test('writes one Delivery per target, in one write each, and one revision', () => {
    const world = createTestWorld({}, three)
    const { status } = world.run()
    assert.deepEqual(world.written, ['web.east', 'web.north', 'web.west'])
    assert.equal(world.history.length, 1)
    assert.equal(status.revision, 1)
    assert.deepEqual(status.targets, { total: 3, current: 0, healthy: 0, unknown: 0 })
    assert.equal(world.desiredOf('east')?.revision, 1)
    assert.ok(world.application.metadata.finalizers?.includes(finalizer))
  })

  test('says that it is healthy only when every target was seen so', () => {
    const world = createTestWorld({}, three)
    world.run()
    world.deliver('east')
    world.deliver('north')
    assert.equal(world.run().status.conditions?.[0]?.status, 'False')
    world.deliver('west')
    const { status } = world.run()
    assert.equal(status.conditions?.[0]?.status, 'True')
    assert.equal(status.message, 'Healthy in all 3 targets')
    assert.deepEqual(status.targets, { total: 3, current: 3, healthy: 3, unknown: 0 })
  })

  test('after a sync nothing is said to be current that was not applied since', () => {
    const world = createTestWorld({}, three)
    world.run()
    for (const cluster of three) world.deliver(cluster)
    assert.equal(world.run().status.conditions?.[0]?.status, 'True')
    world.sync('2026-01-02 ann')
    const first = world.decide()
    assert.equal(first.status.syncRequest, undefined, 'its sources are to be looked at first')
    const passedOn = first.objects.known ? first.objects.value.map(({ object }) => object.spec) : []
    assert.equal(passedOn.length, 3)
    assert.ok(
      passedOn.every((spec) => !JSON.stringify(spec).includes('2026-01-02 ann')),
      'no target applies the old',
    )
    const asked = world.run().status
    assert.equal(asked.syncRequest, '2026-01-02 ann')
    assert.equal(asked.conditions?.[0]?.status, 'False')
    assert.deepEqual(asked.targets, { total: 3, current: 0, healthy: 3, unknown: 0 })
    for (const cluster of three) world.deliver(cluster)
    const { status } = world.run()
    assert.equal(status.conditions?.[0]?.status, 'True')
    assert.equal(status.syncRequest, '2026-01-02 ann')
  })

  test('a sync looks at once at a source that failed', () => {
    const world = createTestWorld({}, ['east'])
    const failure = {
      code: 'source.unreachable',
      next: 'retry',
      message: 'no way',
      at: world.now(),
      attempts: 9,
    } as const
    world.observe = { sources: { web: { state: 'failed', failure } } }
    assert.deepEqual(
      world.decide().effects.filter(({ kind }) => kind === 'ResolveSource'),
      [],
    )
    world.sync('2026-01-02 ann')
    assert.equal(world.decide().effects.filter(({ kind }) => kind === 'ResolveSource').length, 1)
  })

  test('lets no more than maxConcurrency targets move at once, new ones included', () => {
    const world = createTestWorld({ maxConcurrency: 1 }, three)
    world.run()
    const given = () => three.filter((cluster) => world.desiredOf(cluster) !== undefined)
    assert.deepEqual(given(), ['east'])
    assert.equal(world.deliveries.size, 3, 'those that wait are shown')
    assert.match(world.run().status.message ?? '', /waits for its turn, 1 at a time: east/)
    world.deliver('east', 'Progressing')
    world.run()
    assert.deepEqual(given(), ['east'], 'applied is not healthy yet')
    world.deliver('east')
    world.run()
    assert.deepEqual(given(), ['east', 'north'])
  })

  test('a target that does not become healthy in its time holds up no other', () => {
    const world = createTestWorld({ maxConcurrency: 1 }, ['east', 'west'])
    world.run()
    world.deliver('east', 'Degraded')
    world.run()
    assert.equal(world.desiredOf('west'), undefined)
    world.advance(301)
    world.run()
    assert.notEqual(world.desiredOf('west'), undefined)
  })

  test('a failed target holds the others, and may itself be given something newer', () => {
    const world = createTestWorld({ maxConcurrency: 1 }, ['east', 'west'])
    world.run()
    const east = world.deliveries.get('web.east')
    assert.ok(east)
    world.deliveries.set('web.east', { ...east, status: { phase: 'Failed', message: 'hook migrate failed' } })
    const { status } = world.run()
    assert.equal(world.desiredOf('west'), undefined)
    assert.equal(status.message, 'Not delivered to east: hook migrate failed')
    world.edit({ components: [chart('web', { values: { fixed: true } })] })
    world.run()
    assert.equal(world.desiredOf('east')?.revision, 2)
    assert.equal(world.desiredOf('west'), undefined)
  })

  test('a lost cluster does not hold the others, is said, and is never pruned', () => {
    const world = createTestWorld({ maxConcurrency: 1 }, ['east', 'west'])
    world.run()
    world.setConnection('east', 'lost')
    world.run()
    assert.notEqual(world.desiredOf('west'), undefined)
    world.deliver('west')
    const { status } = world.run()
    assert.deepEqual(status.targets, { total: 2, current: 1, healthy: 1, unknown: 1 })
    assert.equal(status.conditions?.[0]?.status, 'Unknown')
    assert.match(status.message ?? '', /^Healthy in 1 of 2 targets; east cannot be seen/)
    assert.deepEqual(world.deleted, [])
  })

  test('a lost cluster goes last: what fails elsewhere does not reach it', () => {
    const world = createTestWorld({ maxConcurrency: 1 }, ['east', 'north', 'west'])
    world.setConnection('east', 'lost')
    world.run()
    assert.notEqual(world.desiredOf('north'), undefined)
    assert.equal(world.desiredOf('east'), undefined)
  })

  test('an edit is one revision; an edit of how it is run is none', () => {
    const world = createTestWorld({}, three)
    world.run()
    world.edit({ pollSeconds: 30, maxConcurrency: 2 })
    world.run()
    assert.equal(world.history.length, 1)
    world.edit({ components: [chart('web', { values: { replicas: 3 } })] })
    world.run()
    assert.equal(world.history.length, 2)
    assert.equal(Reflect.get(world.history[1] ?? {}, 'reason'), 'changed: component web')
    assert.equal(Reflect.get(world.history[1] ?? {}, 'cause'), 'spec')
  })

  test('a moved source is a revision of ours, found by the next poll', () => {
    const world = createTestWorld({ pollSeconds: 60 }, three)
    world.run()
    world.source = 'chart 1.1'
    world.advance(30)
    world.run()
    assert.equal(world.history.length, 1)
    world.advance(31)
    world.run()
    assert.equal(world.history.length, 2)
    assert.equal(Reflect.get(world.history[1] ?? {}, 'cause'), 'world')
    assert.equal(Reflect.get(world.history[1] ?? {}, 'reason'), 'web chart 1.0 -> chart 1.1')
  })

  test('an edit that changes one target writes to that one only', () => {
    const world = createTestWorld({}, three)
    world.run()
    for (const cluster of three) world.deliver(cluster)
    world.written.length = 0
    world.edit({
      overrides: [{ name: 'more', clusters: { names: ['west'] }, values: { replicas: 9 }, required: false }],
    })
    world.run()
    assert.deepEqual(world.written, ['web.west'])
    assert.equal(world.desiredOf('west')?.revision, 2)
    assert.equal(world.desiredOf('west')?.components[0]?.ownOverrides, 1)
    assert.equal(world.desiredOf('east')?.revision, 1)
    assert.equal(world.desiredOf('east')?.components[0]?.ownOverrides, 0)
  })

  test('a failed render leaves what was wanted there, and the others go on', () => {
    const world = createTestWorld({}, three)
    world.run()
    const before = world.desiredOf('east')
    world.failRender = (cluster) => cluster === 'east'
    world.edit({ components: [chart('web', { values: { replicas: 3 } })] })
    const { status } = world.run()
    assert.deepEqual(world.desiredOf('east'), before)
    assert.equal(world.desiredOf('west')?.revision, 2)
    assert.equal(status.message, 'web cannot be rendered for east: no template')
    assert.deepEqual(
      status.findings?.map(({ code, cluster, component }) => ({ code, cluster, component })),
      [{ code: 'render.failed', cluster: 'east', component: 'web' }],
    )
    assert.equal(world.history[1]?.targets['east/shop'], world.history[0]?.targets['east/shop'])
  })

  test('paused: nothing new is written, and every Delivery knows', () => {
    const world = createTestWorld({}, three)
    world.run()
    const before = world.desiredOf('east')
    world.edit({
      paused: true,
      components: [chart('web', { values: { replicas: 3 } })],
      placement: { clusters: { names: ['east'] } },
    })
    const { status, effects } = world.run()
    assert.deepEqual(effects, [])
    assert.deepEqual(world.desiredOf('east'), before)
    assert.equal(world.deliveries.size, 3)
    assert.ok([...world.deliveries.values()].every(({ spec }) => spec.paused))
    assert.match(status.message ?? '', /^Paused/)
    world.edit({ paused: false })
    world.run()
    assert.deepEqual([...world.deliveries.keys()], ['web.east'])
    assert.equal(world.desiredOf('east')?.revision, 2)
  })

  test('standby is said to a Delivery whatever else may not change, and makes no revision', () => {
    const world = createTestWorld({ placement: { clusters: { names: ['east'] } } }, three)
    world.run()
    const standing = (): string[] =>
      [...world.deliveries].flatMap(([name, { spec }]) => (spec.standby === true ? [name] : []))
    const before = world.desiredOf('east')
    world.edit({ standby: [{ clusters: { names: ['east'] } }], move: 'web-1', paused: true })
    world.run()
    assert.deepEqual(standing(), ['web.east'])
    world.edit({ paused: false })
    world.deliver('east')
    const { status } = world.run()
    assert.deepEqual(world.desiredOf('east'), before)
    assert.equal(world.history.length, 1)
    assert.match(status.message ?? '', /./)
    world.edit({ standby: undefined, move: undefined })
    world.run()
    assert.deepEqual(standing(), [])
  })

  test("where a move brings an application is the move's in the history, nobody's edit", () => {
    const world = createTestWorld({ placement: { clusters: { names: ['east'] } } }, three)
    world.run()
    world.edit({
      placement: { clusters: { names: ['east'] }, also: [{ clusters: { names: ['west'] } }] },
      move: 'web-1',
    })
    const { effects } = world.run()
    const append = world.history.at(-1)
    assert.equal(append?.revision, 2)
    assert.deepEqual(effects, [])
    assert.deepEqual([...world.deliveries.keys()].sort(), ['web.east', 'web.west'])
  })

  test('a required override that matches nothing stops everything; one that is not required is a finding', () => {
    const world = createTestWorld({}, three)
    world.run()
    const override = { name: 'gone', clusters: { names: ['south'] }, values: { a: 1 } }
    world.edit({ overrides: [{ ...override, required: false }] })
    assert.deepEqual(
      world.run().status.findings?.map(({ severity, code, field }) => ({ severity, code, field })),
      [{ severity: 'Warning', code: 'delivery.override_unmatched', field: 'spec.overrides[0].clusters' }],
    )
    const before = world.desiredOf('east')
    world.edit({ overrides: [{ ...override, required: true }], components: [chart('web', { values: { a: 2 } })] })
    const { status, next } = world.run()
    assert.deepEqual(world.desiredOf('east'), before)
    assert.equal(next.next, 'stalled')
    assert.equal(status.findings?.[0]?.severity, 'Error')
    assert.match(status.message ?? '', /Override gone matches no target/)
  })

  test('a required patch that finds no object stops its target', () => {
    const patch = {
      target: { kind: 'Deployment', name: 'api' },
      operations: [{ op: 'remove', path: '/spec/replicas' }],
    }
    const world = createTestWorld(
      { overrides: [{ name: 'p', patches: [patch], required: true, clusters: { names: ['east'] } }] },
      three,
    )
    const { status } = world.run()
    assert.equal(world.desiredOf('east'), undefined)
    assert.notEqual(world.desiredOf('west'), undefined)
    assert.equal(status.findings?.[0]?.code, 'delivery.override_unmatched')
    assert.equal(status.findings?.[0]?.cluster, 'east')
  })

  test('a target that leaves is deleted, after its Delivery knows what to do with the objects', () => {
    const world = createTestWorld({}, three)
    world.run()
    world.edit({ placement: { clusters: { names: ['east'] } }, deletionPolicy: 'Keep' })
    world.pass()
    assert.deepEqual(world.deleted, [])
    assert.equal(world.deliveries.get('web.west')?.spec.deletionPolicy, 'Keep')
    world.run()
    assert.deepEqual(new Set(world.deleted), new Set(['web.north', 'web.west']))
  })

  test('a cluster that is being removed is left at once, paused or not, as its removal says', () => {
    for (const paused of [false, true]) {
      const world = createTestWorld({ deletionPolicy: 'Delete' }, three)
      world.run()
      world.edit({ paused })
      world.clusters = world.clusters.map((entry) =>
        entry.name === 'east' ? Object.assign({}, entry, { removal: 'Keep' as const }) : entry,
      )
      world.pass()
      assert.equal(world.deliveries.get('web.east')?.spec.deletionPolicy, 'Keep')
      world.run()
      assert.deepEqual(world.deleted, ['web.east'])
    }
  })

  test('nothing is deleted while the clusters, the project or the Deliveries are not known', () => {
    for (const part of ['clusters', 'project', 'deliveries', 'siblings'] as const) {
      const world = createTestWorld({}, three)
      world.run()
      world.edit({ placement: { clusters: { names: ['east'] } } })
      world.observe = { [part]: unknown('the host does not answer') }
      const { decision } = world.pass()
      assert.deepEqual(world.deleted, [], part)
      assert.equal(decision.objects.known, false, part)
      assert.equal(decision.next.next, 'retry', part)
      assert.match(decision.status.message ?? '', /the host does not answer/, part)
    }
  })

  test('gives no number twice when its history was lost or restored from an older backup, and changes no target for it', () => {
    for (const kept of [0, 1]) {
      const world = createTestWorld({}, three)
      world.run()
      for (const replicas of [2, 3]) {
        world.edit({ components: [chart('web', { values: { replicas } })] })
        world.run()
      }
      const before = [...world.deliveries.values()].map(({ spec }) => spec.desired)
      world.history.splice(kept)
      const { status } = world.run()
      assert.equal(status.revision, 4)
      assert.deepEqual(
        world.history.slice(kept).map(({ revision }) => revision),
        [4],
      )
      assert.deepEqual(
        [...world.deliveries.values()].map(({ spec }) => spec.desired),
        before,
      )
      assert.equal(world.run().status.revision, 4)
      assert.equal(world.history.length, kept + 1)
    }
  })

  test('nothing moves while the history cannot be read', () => {
    const world = createTestWorld({}, three)
    world.observe = { latest: unknown('the database does not answer') }
    world.pass()
    world.pass()
    const { decision } = world.pass()
    assert.equal(world.deliveries.size, 0)
    assert.equal(decision.next.next, 'retry')
  })

  test('a sync request reaches the targets, a few at a time, and has sources looked at', () => {
    const world = createTestWorld({ maxConcurrency: 2 }, three)
    world.run()
    for (const cluster of three) world.deliver(cluster)
    world.run()
    for (const cluster of three) world.deliver(cluster)
    world.run()
    const { application } = world
    const metadata = { ...application.metadata, annotations: { [annotations.syncRequest]: 'now' } }
    world.application = { ...application, metadata }
    world.run()
    const asked = () => three.filter((cluster) => world.deliveries.get(`web.${cluster}`)?.spec.syncRequest === 'now')
    assert.deepEqual(asked(), ['east', 'north'])
    world.deliver('east')
    world.run()
    assert.deepEqual(asked(), three)
  })

  test('waits per target for the applications that it depends on', () => {
    const world = createTestWorld({ dependsOn: ['db'] }, ['east', 'west'])
    const other = createTestWorld({}, ['east', 'west'])
    other.application = { ...other.application, metadata: { ...other.application.metadata, name: 'db' } }
    other.run()
    other.deliver('east')
    const applications = { web: world.application.spec, db: other.application.spec }
    const siblings = () => ({ applications, deliveries: [...other.deliveries.values()] })
    world.siblings = siblings()
    const { status } = world.run()
    assert.notEqual(world.desiredOf('east'), undefined)
    assert.equal(world.desiredOf('west'), undefined)
    assert.match(status.message ?? '', /west is held: application db is not delivered yet in west/)
    other.deliver('west')
    world.siblings = siblings()
    world.run()
    assert.notEqual(world.desiredOf('west'), undefined)
  })

  test('says a missing dependency and a circle of them', () => {
    const world = createTestWorld({ dependsOn: ['db'] }, ['east'])
    world.siblings = { applications: { web: world.application.spec }, deliveries: [] }
    assert.equal(world.run().status.findings?.[0]?.code, 'application.dependency_missing')
    assert.equal(world.desiredOf('east'), undefined)
    const db = { ...world.application.spec, dependsOn: ['web'] }
    world.siblings = { applications: { web: world.application.spec, db }, deliveries: [] }
    const { status, next } = world.run()
    assert.equal(next.next, 'stalled')
    assert.match(status.message ?? '', /web -> db -> web/)
  })

  test('when it is deleted, its Deliveries go first, whatever is known of clusters and project', () => {
    const world = createTestWorld({}, three)
    world.run()
    world.setConnection('east', 'lost')
    world.observe = { clusters: unknown('?'), project: unknown('?') }
    world.edit({ deletionPolicy: 'Keep' })
    const { application } = world
    world.application = { ...application, metadata: { ...application.metadata, deletionTimestamp: world.now() } }
    world.pass()
    assert.ok([...world.deliveries.values()].every(({ spec }) => spec.deletionPolicy === 'Keep'))
    assert.deepEqual(world.application.metadata.finalizers, [finalizer])
    world.run()
    assert.equal(world.deliveries.size, 0)
    assert.deepEqual(world.application.metadata.finalizers, [])
  })

  test('a removal tells Deliveries that are going already to keep, and says what holds them up', () => {
    const world = createTestWorld({}, ['east'])
    world.run()
    const { application } = world
    world.application = { ...application, metadata: { ...application.metadata, deletionTimestamp: world.now() } }
    const east = world.deliveries.get('web.east')
    assert.ok(east)
    const metadata = { ...east.metadata, deletionTimestamp: world.now() }
    world.deliveries.set('web.east', { ...east, metadata, status: { phase: 'Removing', message: 'it may not' } })
    assert.match(world.decide().status.message ?? '', /^It is being removed from east; east: it may not$/)
    world.edit({ deletionPolicy: 'Keep' })
    const { objects } = world.decide()
    assert.deepEqual(objects.known && objects.value.map(({ object }) => object['spec']), [
      { ...east.spec, deletionPolicy: 'Keep' },
    ])
  })

  test('a removal waits for Deliveries that are still cleaning up', () => {
    const world = createTestWorld({}, ['east'])
    world.run()
    const east = world.deliveries.get('web.east')
    const going = { ...east, metadata: { ...east?.metadata, name: 'web.east', deletionTimestamp: world.now() } }
    const { application } = world
    world.application = { ...application, metadata: { ...application.metadata, deletionTimestamp: world.now() } }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the Delivery as it was, with a time of deletion
    world.observe = { deliveries: { known: true, value: [going as NonNullable<typeof east>] } }
    const { effects, status } = world.decide()
    assert.deepEqual(effects, [])
    assert.match(status.message ?? '', /being removed from east/)
  })
})
