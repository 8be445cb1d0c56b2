import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { apiVersion, Delivery, Release } from '@flotilla/model'
import { declaredDigest } from '../release/declared-digest.ts'
import { chart, createTestWorld } from './test-world.ts'

const three = ['east', 'north', 'west']
type World = ReturnType<typeof createTestWorld>

function governed(spec: Record<string, unknown> = {}, placed = three): World {
  const world = createTestWorld(spec, three)
  world.edit({ placement: { clusters: { names: placed } } })
  world.run()
  for (const cluster of placed) {
    world.deliver(cluster)
    world.run()
  }
  world.edit({ mode: 'governed' })
  world.run()
  world.written.length = 0
  return world
}

const release = (name: string, status: Record<string, unknown>, spec: Record<string, unknown> = {}): Release =>
  Release.parse({
    apiVersion,
    kind: 'Release',
    metadata: { name, namespace: 'pj-shop', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { application: 'web', authors: ['flotilla:user:ann'], ...spec },
    status,
  })

const frozen = (world: World, at: string, clusters: readonly string[] = three) => ({
  digest: 'd',
  document: 'd',
  at,
  declared: declaredDigest(world.application.spec),
  authors: [],
  componentVersions: [],
  targets: clusters.map((cluster) => ({ cluster, namespace: 'shop', digest: 'd', added: 0, changed: 0, removed: 0 })),
})

/** As a Rollout writes it: other content, and the word of the release. */
function roll(world: World, cluster: string, components: readonly string[]): void {
  const name = `web.${cluster}`
  const before = world.deliveries.get(name)
  const desired = {
    revision: 1,
    digest: `released:${components.join()}`,
    components: components.map((component) => ({ name: component, digest: `set:${component}` })),
    release: 'r1',
    rollout: 'r1-1',
  }
  assert.ok(before)
  world.deliveries.set(name, Delivery.parse({ ...before, spec: { ...before.spec, desired } }))
  world.deliver(cluster)
}

const codes = (world: World) => world.run().status.findings?.map(({ code }) => code)

describe('an application in governed mode', () => {
  test('that comes from direct mode keeps what runs, and reads and renders nothing', () => {
    const world = governed()
    world.source = 'chart 2'
    world.edit({ components: [chart('web', { values: { replicas: 3 } })] })
    const { status, effects } = world.run()
    assert.deepEqual([world.written, effects, world.history.length], [[], [], 1])
    assert.equal(status.conditions?.[0]?.status, 'True')
    assert.equal(status.message, 'Healthy in all 3 targets; it has what it had before its first release')
  })

  test('says that it awaits its first release, where nothing was ever delivered', () => {
    const world = createTestWorld({ mode: 'governed' }, three)
    const { status } = world.run()
    assert.equal(world.deliveries.size, 0)
    assert.deepEqual([status.conditions?.[0]?.reason, status.message], ['AwaitsRelease', 'It awaits its first release'])
    assert.deepEqual(codes(world), ['application.target_waits'])
  })

  test('names the release that it has, the one to come, and an edit since', () => {
    const world = governed()
    world.releases = [release('r1', { phase: 'Active', frozen: frozen(world, '2026-01-01T00:00:00Z') })]
    assert.equal(world.run().status.message, 'Healthy in all 3 targets; release r1 is active')
    world.releases.push(release('r2', { phase: 'Draft' }))
    assert.match(world.run().status.message ?? '', /; release r1 is active; release r2 is a draft$/)
    world.edit({ maxConcurrency: 7 })
    assert.doesNotMatch(world.run().status.message ?? '', /edited/)
    world.edit({ components: [chart('web', { values: { replicas: 3 } })] })
    assert.match(world.run().status.message ?? '', /; edited since release r1 was frozen$/)
    world.releases = [release('r2', { phase: 'Rolling', frozen: frozen(world, '2026-01-02T00:00:00Z') })]
    assert.match(world.run().status.message ?? '', /; release r2 is going out$/)
  })

  test('what a release froze and nobody stores any more is said, with what to do', () => {
    const world = governed({}, ['east', 'north'])
    const before = world.deliveries.get('web.east')
    const lost = { severity: 'Error', code: 'delivery.set_lost', message: 'Freeze a release', component: 'web' }
    world.deliveries.set('web.east', Delivery.parse({ ...before, status: { ...before?.status, findings: [lost] } }))
    assert.deepEqual(codes(world), ['delivery.set_lost'])
    assert.match(world.run().status.message ?? '', /Freeze a release/)
  })

  test('a new target gets nothing, one that left keeps what it has, and both are said', () => {
    const world = governed({}, ['east', 'north'])
    world.edit({ placement: { clusters: { names: ['north', 'west'] } } })
    assert.deepEqual(codes(world), ['application.target_waits', 'application.target_leaves'])
    assert.deepEqual([...world.deliveries.keys()], ['web.east', 'web.north'])
    assert.deepEqual(world.run().status.targets, { total: 2, current: 2, healthy: 2, unknown: 0 })
  })

  test('a target that left goes once a release emptied it there', () => {
    const world = governed({}, ['east', 'north'])
    world.edit({ placement: { clusters: { names: ['north'] } } })
    roll(world, 'east', [])
    roll(world, 'north', [])
    world.run()
    assert.deepEqual([...world.deliveries.keys()], ['web.north'], 'what was emptied and stays is none of this')
  })

  test('a target that left and keeps its objects goes when a release without it is active', () => {
    const world = governed({ deletionPolicy: 'Keep' }, ['east', 'north'])
    world.edit({ placement: { clusters: { names: ['north'] } } })
    const without = frozen(world, '2026-01-01T00:00:00Z', ['north'])
    world.releases = [release('r1', { phase: 'Rolling', frozen: without })]
    world.run()
    assert.equal(world.deliveries.size, 2)
    world.releases = [release('r1', { phase: 'Active', frozen: without })]
    world.run()
    assert.deepEqual([...world.deliveries.keys()], ['web.north'])
  })

  test('leaves it to a rollout what it asked a target for, unless a person asks later', () => {
    const token = '493750c0-6a8d-4b4c-95ce-a325a8110769/1'
    const world = governed()
    const give = (syncRequest: string): void => {
      for (const [name, delivery] of world.deliveries)
        world.deliveries.set(name, { ...delivery, spec: { ...delivery.spec, syncRequest } })
    }
    const asked = (): (string | undefined)[] => [
      ...new Set([...world.deliveries.values()].map(({ spec }) => spec.syncRequest)),
    ]
    give(token)
    world.run()
    assert.deepEqual(asked(), [token])
    // one that was answered before the rollout asked says nothing new
    world.sync('2025-01-01T00:00:00Z ann')
    world.run()
    assert.deepEqual(asked(), [token])
    world.sync('2999-01-01T00:00:00Z ann')
    world.run()
    assert.ok(asked().includes('2999-01-01T00:00:00Z ann'))
  })

  test('a sync gives once more what is there, in turns, and nothing of an edit', () => {
    const world = governed({ maxConcurrency: 1 })
    roll(world, 'east', ['web'])
    world.edit({ components: [chart('web', { values: { replicas: 3 } })] })
    const before = three.map((cluster) => world.desiredOf(cluster))
    world.sync('2026-01-02 ann')
    const { status } = world.run()
    assert.equal(status.syncRequest, '2026-01-02 ann')
    const asked = () => [...world.deliveries.values()].filter(({ spec }) => spec.syncRequest !== undefined).length
    assert.equal(asked(), 1)
    for (const cluster of three) {
      world.deliver(cluster)
      world.run()
    }
    assert.equal(asked(), 3)
    assert.deepEqual(
      three.map((cluster) => world.desiredOf(cluster)),
      before,
    )
  })

  test('policies reach its targets at once', () => {
    const world = governed()
    world.edit({ driftPolicy: 'Report' })
    world.run()
    assert.ok([...world.deliveries.values()].every(({ spec }) => spec.driftPolicy === 'Report'))
  })

  test('that goes back to direct mode delivers as it is declared, unless a hold is on it', () => {
    const world = governed()
    roll(world, 'east', ['web'])
    const hold = { since: '2026-01-01T00:00:00Z', reason: 'rolled back' }
    world.edit({ mode: 'direct', hold })
    const { status } = world.run()
    assert.match(status.message ?? '', /^Nothing is delivered: it is held since 2026-01-01T00:00:00Z/)
    assert.equal(world.desiredOf('east')?.release, 'r1')
    world.edit({ hold: undefined })
    world.run()
    assert.equal(world.desiredOf('east')?.release, undefined)
    assert.notEqual(world.desiredOf('east')?.digest, 'released:web')
  })

  test('that is deleted takes its Deliveries along', () => {
    const world = governed()
    const { metadata } = world.application
    world.application = {
      ...world.application,
      metadata: { ...metadata, deletionTimestamp: '2026-01-02T00:00:00Z' },
    }
    world.run()
    assert.equal(world.deliveries.size, 0)
  })
})
