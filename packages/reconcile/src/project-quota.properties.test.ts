import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { nanosOf } from '@flotilla/model'
import * as fc from 'fast-check'
import { aProject, FleetWorld, held } from './testing/fleet-world.ts'
import { decide, execute, members, type Scene, sceneOf, settle } from './testing/project-scene.ts'

const cpu = 'requests.cpu'
const amount = (value: unknown): number => Number(nanosOf(value) ?? 0n) / 1e9
/** What the ResourceQuotas that are really there allow, by `cluster/namespace`. */
function allowed({ world }: Scene): Record<string, number> {
  const found: Record<string, number> = {}
  for (const cluster of members) {
    for (const { object } of world.of(cluster).objects.values()) {
      const { hard } = (object['spec'] ?? {}) as { hard?: Record<string, string> }
      if (object.kind === 'ResourceQuota') found[`${cluster}/${object.metadata.namespace ?? ''}`] = amount(hard?.[cpu])
    }
  }
  return found
}
const total = (scene: Scene): number => Object.values(allowed(scene)).reduce((a, b) => a + b, 0)

const target = (names: readonly string[], own?: string) => ({
  clusters: { names: [...names] },
  ...(own === undefined ? {} : { quota: { hard: { [cpu]: own } } }),
})
const withSpec = (scene: Scene, spec: object): Scene => ({
  ...scene,
  project: { ...scene.project, spec: { ...scene.project.spec, ...spec } },
})
const quotaOf = (hard: string) => ({ quota: { hard: { [cpu]: hard } } })
const conditionOf = ({ project }: Scene) => project.status?.conditions?.find(({ type }) => type === 'QuotaExceeded')

describe('the quota of a project', () => {
  const start = (spec: object): Scene =>
    settle(sceneOf({ project: aProject('shop', { ...quotaOf('9'), ...spec }, held) }))

  test('is divided over its targets, and goes with the field', () => {
    const scene = start({ targets: [target(['east'], '5'), target(['north', 'west'])] })
    assert.deepEqual(allowed(scene), { 'east/shop': 5, 'north/shop': 2, 'west/shop': 2 })
    assert.deepEqual(scene.project.status?.quota?.targets?.[0], {
      cluster: 'east',
      namespace: 'shop',
      allocated: { [cpu]: '5' },
    })
    const { quota: _quota, ...spec } = scene.project.spec
    const without = settle({ ...scene, project: { ...scene.project, spec: { ...spec, targets: [target(members)] } } })
    assert.deepEqual(allowed(without), {})
    assert.equal(without.project.status?.quota, undefined)
  })

  test('stays as it was when the targets ask for more, and says so with figures', () => {
    const scene = start({ targets: [target(['east'], '5'), target(['north', 'west'])] })
    const after = settle(withSpec(scene, { targets: [target(['east'], '5'), target(['north', 'west'], '3')] }))
    assert.deepEqual(allowed(after), allowed(scene))
    assert.match(conditionOf(after)?.message ?? '', /ask for 11 of requests\.cpu, project shop has 9/)
    assert.equal(conditionOf(settle(withSpec(after, { targets: [target(members)] }))), undefined)
  })

  test('waits for no cluster that is lost, and gives away nothing that one has', () => {
    const scene = start({ targets: [target(['east', 'north'])] })
    assert.deepEqual(allowed(scene), { 'east/shop': 4.5, 'north/shop': 4.5 })
    const lost = { ...scene, connection: { ...scene.connection, east: 'lost' as const } }
    const three = settle(withSpec(lost, { targets: [target(members)] }))
    assert.deepEqual(allowed(three), { 'east/shop': 4.5, 'north/shop': 3, 'west/shop': 1.5 })
    const back = settle({ ...three, connection: scene.connection })
    assert.deepEqual(allowed(back), { 'east/shop': 3, 'north/shop': 3, 'west/shop': 3 })
  })

  test('is put back when somebody changes it, or takes it away', () => {
    const scene = start({ targets: [target(members)] })
    for (const [key, entry] of scene.world.of('east').objects) {
      if (entry.object.kind !== 'ResourceQuota') continue
      const greedy = { ...entry.object, spec: { hard: { [cpu]: '100' } } }
      scene.world.of('east').objects.set(key, { ...entry, object: greedy })
    }
    assert.equal(total(scene), 106)
    assert.deepEqual(allowed(settle(scene)), { 'east/shop': 3, 'north/shop': 3, 'west/shop': 3 })
    for (const [key, { object }] of scene.world.of('west').objects)
      if (object.kind === 'ResourceQuota') scene.world.of('west').objects.delete(key)
    assert.equal(total(settle(scene)), 9)
  })

  test('and limits hold in a namespace that was there before, and leave with the project', () => {
    const world = new FleetWorld(members)
    world.of('east').addNamespace('shop', { adopt: 'shop' })
    const limits = { default: { cpu: '1' }, max: { cpu: '2' } }
    const spec = { ...quotaOf('9'), limits, targets: [target(['east'])] }
    const scene = settle(sceneOf({ world, project: aProject('shop', spec, held) }))
    const kinds = (): string[] => [...world.of('east').objects.values()].map(({ object }) => object.kind)
    assert.deepEqual(
      kinds().filter((kind) => kind !== 'RoleBinding'),
      ['ResourceQuota', 'LimitRange'],
    )
    settle(withSpec(scene, { targets: [] }))
    assert.deepEqual(kinds(), [])
    assert.ok(world.of('east').namespaces.has('shop'))
  })
})

const steps = fc.array(
  fc.record({
    targets: fc.array(
      fc
        .record({
          names: fc.subarray([...members], { minLength: 1 }),
          own: fc.option(fc.constantFrom('0', '1', '2500m', '7'), { nil: undefined }),
        })
        .map(({ names, own }) => target(names, own)),
      { maxLength: 3 },
    ),
    lost: fc.subarray([...members]),
    passes: fc.integer({ min: 1, max: 4 }),
  }),
  { minLength: 1, maxLength: 6 },
)

describe('what the clusters allow together, whatever comes', () => {
  test('never exceeds the quota of the project, and is never more than its status says', () => {
    fc.assert(
      fc.property(steps, (history) => {
        let scene = sceneOf({ project: aProject('shop', quotaOf('10'), held) })
        const answers = new Map<string, readonly string[]>()
        for (const { targets, lost, passes } of history) {
          const state = (name: string) =>
            lost.some((one) => one === name) ? ('lost' as const) : ('connected' as const)
          const connection = { east: state('east'), north: state('north'), west: state('west') }
          scene = { ...withSpec(scene, { targets }), connection }
          for (let pass = 0; pass < passes; pass++) {
            scene = execute(scene, decide(scene, answers), answers).scene
            assert.ok(total(scene) <= 10, `${total(scene)} of 10`)
            const said = new Map(
              scene.project.status?.quota?.targets?.map((one) => [
                `${one.cluster}/${one.namespace}`,
                amount(one.allocated[cpu]),
              ]),
            )
            for (const [place, is] of Object.entries(allowed(scene))) assert.ok(is <= (said.get(place) ?? 0), place)
          }
        }
        const connection = { east: 'connected', north: 'connected', west: 'connected' } as const
        const settled = settle({ ...scene, connection })
        assert.deepEqual(decide(settled).effects, [])
        // asked for too much, everybody keeps what they had
        if (conditionOf(settled) !== undefined) return
        const { targets } = settled.project.spec
        const rules = members.flatMap((name) => targets.find(({ clusters }) => clusters.names?.includes(name)) ?? [])
        assert.equal(Object.keys(allowed(settled)).length, rules.length)
        if (rules.some(({ quota }) => quota === undefined)) assert.equal(total(settled), 10, 'nothing is left over')
      }),
      { numRuns: 300 },
    )
  })
})
