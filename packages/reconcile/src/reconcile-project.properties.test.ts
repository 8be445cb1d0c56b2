import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { labels, type Project, targetKey } from '@flotilla/model'
import * as fc from 'fast-check'
import { hostCluster } from './decision.ts'
import { roleBinding } from './ownership/bindings.ts'
import type { ProjectEffect } from './project/observed.ts'
import { aProject, FleetWorld, held, now } from './testing/fleet-world.ts'
import { decide, execute, members, type Scene, sceneOf, settle } from './testing/project-scene.ts'

const destroys = (effect: ProjectEffect): boolean =>
  effect.kind === 'prune' || effect.kind === 'deleteNamespace' || effect.kind === 'releaseNamespace'

const subset = fc.subarray([...members])
// most clusters are there most of the time: what happens then must not be the rare case
const mostly = fc.constantFrom(true, true, true, true, false)
const flags = fc.record({ east: mostly, north: mostly, west: mostly })
const there = 'connected' as const
const states = fc.constantFrom(there, there, there, there, 'connecting' as const, 'lost' as const)
const connections = fc.record({ east: states, north: states, west: states })
const targets = fc.array(
  fc.record({ clusters: subset.map((names) => ({ names })), namespace: fc.constantFrom('shop', 'shop-b', 'shop-c') }),
  { maxLength: 4 },
)
/** A scene that has a past: other targets before, namespaces of others, some of the clusters away. */
const scenes = fc
  .record({
    before: targets,
    after: targets,
    scope: fc.constantFrom('Namespaced' as const, 'Cluster' as const),
    connection: connections,
    seen: flags,
    hostSeen: mostly,
    removing: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: subset }),
    strangers: fc.array(
      fc.record({
        cluster: fc.constantFrom(...members),
        name: fc.constantFrom('shop', 'shop-b', 'shop-c'),
        adopt: fc.boolean(),
      }),
      { maxLength: 5 },
    ),
    foreign: fc.array(fc.constantFrom('east/shop', 'north/shop-b', 'west/shop-c'), { maxLength: 3 }),
    delivered: fc.array(fc.constantFrom('east/shop', 'north/shop-b', 'west/shop-c'), { maxLength: 2 }),
    going: fc.constantFrom(false, false, true),
    applications: fc.array(fc.constantFrom('web', 'api'), { maxLength: 1 }),
  })
  .map((given): Scene => {
    const world = new FleetWorld(members)
    for (const { cluster, name, adopt } of given.strangers) {
      world.of(cluster).addNamespace(name, adopt ? { adopt: 'shop' } : { owner: 'other' })
      world.of(cluster).apply(
        roleBinding({
          namespace: name,
          name: 'theirs',
          role: 'edit',
          groups: [],
          labels: { [labels.owner]: 'other' },
        }),
      )
    }
    const past = settle(
      sceneOf({ world, project: aProject('shop', { targets: given.before, scope: given.scope }, held) }),
    )
    const { metadata } = past.project
    return {
      ...past,
      project: {
        ...past.project,
        metadata: { ...metadata, ...(given.going ? { deletionTimestamp: now } : {}) },
        spec: { ...past.project.spec, targets: given.after },
      },
      connection: given.connection,
      seen: given.seen,
      hostSeen: given.hostSeen,
      removing: given.removing,
      foreign: new Set(given.foreign),
      delivered: new Set(given.delivered),
      applications: given.applications,
    }
  })

describe('reconcileProject, whatever comes', () => {
  test('gives the same decision for the same input', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        assert.deepEqual(decide(scene), decide(scene))
      }),
      { numRuns: 200 },
    )
  })

  test('destroys nothing in a cluster that is not seen, and nothing at all while the host is not', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        for (const effect of decide(scene).effects) {
          if (!destroys(effect) || !('cluster' in effect)) continue
          assert.ok(scene.hostSeen, `${effect.kind} while the host is not seen`)
          if (effect.cluster === hostCluster) continue
          const member = members.find((name) => name === effect.cluster)
          assert.ok(
            member !== undefined && scene.seen[member] && scene.connection[member] === 'connected',
            `${effect.kind} in ${effect.cluster}`,
          )
        }
      }),
      { numRuns: 200 },
    )
  })

  test('never deletes a namespace that others use, that was taken over, or that something is delivered to', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const answers = new Map<string, readonly string[]>()
        let current = scene
        for (let pass = 0; pass < 6; pass++) {
          const decision = decide(current, answers)
          for (const effect of decision.effects) {
            if (effect.kind !== 'deleteNamespace' || effect.cluster === hostCluster) continue
            const key = targetKey(effect)
            const there = current.world.of(effect.cluster).namespaces.get(effect.namespace)
            assert.ok(!scene.foreign.has(key), `${key} is used by others`)
            assert.ok(!scene.delivered.has(key), `${key} is delivered to`)
            assert.equal(there?.adopted, false, `${key} was taken over`)
            assert.equal(there?.owner, scene.project.metadata.uid)
          }
          current = execute(current, decision, answers).scene
          if (current.project.metadata.finalizers?.length === 0) return
        }
      }),
      { numRuns: 200 },
    )
  })

  test('touches nothing of another owner, and no binding by which something still has to leave', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const decision = decide(scene)
        const { uid } = scene.project.metadata
        for (const effect of decision.effects) {
          if (effect.kind !== 'prune') continue
          assert.equal(effect.object.owner, uid)
          const { namespace } = effect.object.ref
          const leaves = scene.project.spec.targets.every((target) => target.namespace !== namespace)
          assert.ok(!leaves || !scene.delivered.has(targetKey({ cluster: effect.cluster, namespace })))
        }
        for (const { cluster, object } of decision.objects.known ? decision.objects.value : []) {
          const namespace = object.kind === 'Namespace' ? object.metadata.name : object.metadata.namespace
          const there = namespace === undefined ? undefined : scene.world.of(cluster).namespaces.get(namespace)
          assert.ok(there === undefined || there.owner === uid || there.adopt === 'shop', `writes into ${namespace}`)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('after execution there is nothing left to do', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        // what waits for others (deliveries, applications, lost clusters) waits for good here
        const quiet = {
          ...scene,
          hostSeen: true,
          delivered: new Set<string>(),
          applications: [],
          project: alive(scene.project),
        }
        const settled = settle(quiet)
        const again = decide(settled)
        assert.deepEqual(again.effects, [])
        assert.deepEqual(again.status, settled.project.status)
        assert.equal(settled.world.applyAll(again.objects), 0)
      }),
      { numRuns: 200 },
    )
  })

  test('leaves nothing of its own in clusters that are seen, once it is gone', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const connection = { east: 'connected', north: 'connected', west: 'connected' } as const
        const shared = [...scene.foreign].filter((key) => {
          const [cluster = '', name = ''] = key.split('/')
          return scene.world.of(cluster).namespaces.has(name)
        })
        const gone = settle({
          ...scene,
          hostSeen: true,
          connection,
          seen: { east: true, north: true, west: true },
          applications: [],
          delivered: new Set(),
          project: { ...scene.project, metadata: { ...scene.project.metadata, ...held, deletionTimestamp: now } },
        })
        assert.deepEqual(gone.project.metadata.finalizers, [])
        for (const cluster of members) {
          const { namespaces, owned } = gone.world.of(cluster).sight()
          assert.deepEqual(
            owned.filter(({ owner }) => owner === gone.project.metadata.uid),
            [],
          )
          assert.ok([...namespaces.values()].every(({ owner }) => owner !== gone.project.metadata.uid))
        }
        // and namespaces that others use are still there
        for (const key of shared) {
          const [cluster = '', name = ''] = key.split('/')
          assert.ok(gone.world.of(cluster).namespaces.has(name), `${key} is gone`)
        }
      }),
      { numRuns: 200 },
    )
  })
})

function alive(project: Project): Project {
  const { deletionTimestamp: _gone, ...metadata } = project.metadata
  return { ...project, metadata }
}
