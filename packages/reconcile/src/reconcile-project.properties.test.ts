import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { finalizer, type Known, known, labels, type Project, targetKey } from '@flotilla/model'
import * as fc from 'fast-check'
import { hostCluster } from './decision.ts'
import { roleBinding } from './ownership/bindings.ts'
import { type ClusterSight, sightOf } from './ownership/sights.ts'
import type { ProjectCluster, ProjectDecision, ProjectEffect, ProjectObserved } from './project/observed.ts'
import { reconcileProject } from './reconcile-project.ts'
import { reconcileWorkspace } from './reconcile-workspace.ts'
import { aProject, away, aWorkspace, ClusterWorld, FleetWorld, frozen, held, now } from './testing/fleet-world.ts'

const members = ['east', 'north', 'west'] as const
type Member = (typeof members)[number]

interface Scene {
  readonly project: Project
  readonly world: FleetWorld
  readonly connection: Record<Member, 'connected' | 'connecting' | 'lost'>
  readonly seen: Record<Member, boolean>
  readonly removing: readonly Member[]
  readonly applications: readonly string[]
  readonly delivered: ReadonlySet<string>
  /** What an inspection of a namespace finds, by `cluster/namespace`. */
  readonly foreign: ReadonlySet<string>
  readonly hostSeen: boolean
}

function observe(scene: Scene, answers: ReadonlyMap<string, readonly string[]>): ProjectObserved {
  const clusters = members.map((name): ProjectCluster => ({
    name,
    labels: { region: name },
    removing: scene.removing.includes(name),
    connection: { state: scene.connection[name], reason: 'because' },
  }))
  const sight = (name: Member): Known<ClusterSight> =>
    scene.seen[name] && scene.connection[name] === 'connected'
      ? known(sightOf('member', scene.world.of(name).sight()))
      : away
  return frozen({
    workspace: known(aWorkspace()),
    rivals: [],
    clusters: known(clusters),
    host: scene.hostSeen ? known(sightOf('host', scene.world.host.sight())) : away,
    members: new Map(members.map((name) => [name, sight(name)])),
    applications: known(scene.applications),
    delivered: known(scene.delivered),
    foreign: answers,
  })
}

const decide = (scene: Scene, answers: ReadonlyMap<string, readonly string[]> = new Map()): ProjectDecision =>
  reconcileProject({ object: frozen(scene.project), observed: observe(scene, answers), now })

/** Does what the controller does. Gives whether anything was changed by it. */
function execute(
  scene: Scene,
  decision: ProjectDecision,
  answers: Map<string, readonly string[]>,
): { scene: Scene; changes: number } {
  const { world } = scene
  let { project } = scene
  let changes = world.applyAll(decision.objects)
  for (const effect of decision.effects) {
    changes++
    switch (effect.kind) {
      case 'addFinalizer':
        project = { ...project, metadata: { ...project.metadata, finalizers: [finalizer] } }
        break
      case 'removeFinalizer':
        project = { ...project, metadata: { ...project.metadata, finalizers: [] } }
        break
      case 'createNamespace':
        if (!world.of(effect.cluster).namespaces.has(effect.object.metadata.name))
          world.of(effect.cluster).apply(effect.object)
        break
      case 'inspectNamespace':
        answers.set(effect.key, scene.foreign.has(`${effect.cluster}/${effect.namespace}`) ? ['Deployment others'] : [])
        break
      case 'deleteNamespace':
        world.of(effect.cluster).deleteNamespace(effect.namespace, effect.uid)
        break
      case 'releaseNamespace':
        world.of(effect.cluster).releaseNamespace(effect.namespace, effect.uid)
        break
      case 'prune':
        world.of(effect.cluster).prune(effect.object)
        break
      case 'recordLeft':
        break
      default:
        effect satisfies never
    }
  }
  if (JSON.stringify(project.status) !== JSON.stringify(decision.status)) changes++
  return { scene: { ...scene, project: { ...project, status: decision.status } }, changes }
}

/** Decides and executes until nothing changes any more. */
function settle(scene: Scene): Scene {
  const answers = new Map<string, readonly string[]>()
  let current = scene
  for (let pass = 0; pass < 12; pass++) {
    const step = execute(current, decide(current, answers), answers)
    current = step.scene
    if (step.changes === 0) return current
    if (
      step.scene.project.metadata.finalizers?.length === 0 &&
      step.scene.project.metadata.deletionTimestamp !== undefined
    )
      return current
  }
  throw new Error('it does not settle')
}

const destroys = (effect: ProjectEffect): boolean =>
  effect.kind === 'prune' || effect.kind === 'deleteNamespace' || effect.kind === 'releaseNamespace'

const sceneOf = (fields: Partial<Scene> = {}): Scene => ({
  project: aProject('shop', {}, held),
  world: new FleetWorld(members),
  connection: { east: 'connected', north: 'connected', west: 'connected' },
  seen: { east: true, north: true, west: true },
  removing: [],
  applications: [],
  delivered: new Set(),
  foreign: new Set(),
  hostSeen: true,
  ...fields,
})

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
      { numRuns: 400 },
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
      { numRuns: 400 },
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
      { numRuns: 400 },
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
      { numRuns: 400 },
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
      { numRuns: 400 },
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
      { numRuns: 400 },
    )
  })
})

function alive(project: Project): Project {
  const { deletionTimestamp: _gone, ...metadata } = project.metadata
  return { ...project, metadata }
}

describe('the rights by which a Delivery leaves', () => {
  const isThere = ({ world }: Scene): boolean =>
    [...world.of('east').objects.values()].some(({ object }) => object.metadata.name === 'flotilla:delivery')
  const losing = (fields: Partial<Scene>): Scene => {
    const before = settle(sceneOf())
    before.world.of('east').objects.clear()
    assert.equal(isThere(before), false)
    return { ...before, delivered: new Set(['east/shop']), ...fields }
  }

  test('are put back while the cluster is being removed', () => {
    const after = settle(losing({ removing: ['east'] }))
    assert.equal(isThere(after), true)
    assert.equal(isThere(settle({ ...after, delivered: new Set() })), false, 'and go when nothing needs them')
  })

  test('are put back while the project is being removed', () => {
    const scene = losing({ applications: ['web'] })
    const { project } = scene
    const metadata = { ...project.metadata, deletionTimestamp: now }
    assert.equal(isThere(settle({ ...scene, project: { ...project, metadata } })), true)
  })
})

describe('a host that is a member, too', () => {
  const both = (): Scene => {
    const scene = sceneOf()
    scene.world.clusters.set('east', scene.world.host)
    return scene
  }
  const uid = aProject('shop').metadata.uid
  const hosts = ({ world }: Scene) => world.host.namespaces.get('pj-shop')
  const bindings = ({ world }: Scene): string[] =>
    [...world.host.objects.values()]
      .map(({ object: { metadata } }) => `${metadata.namespace ?? ''}/${metadata.name}`)
      .filter((name) => name.startsWith('pj-shop/'))

  test('keeps its own namespace and bindings, whatever becomes of the targets', () => {
    fc.assert(
      fc.property(targets, (after) => {
        const scene = settle(both())
        assert.equal(hosts(scene)?.owner, uid)
        const { project } = scene
        const moved = settle({ ...scene, project: { ...project, spec: { ...project.spec, targets: after } } })
        assert.equal(hosts(moved)?.owner, uid)
        assert.equal(bindings(moved).length, 3)
        const left = settle({ ...moved, removing: ['east'] })
        assert.equal(hosts(left)?.owner, uid)
        assert.equal(bindings(left).length, 3)
        assert.equal(left.world.host.namespaces.has('shop'), false, 'what was its target is gone')
      }),
    )
  })

  test('is never a target in the namespaces of the host itself', () => {
    const scene = both()
    const { project } = scene
    const spec = { ...project.spec, targets: [{ clusters: { names: ['east'] }, namespace: 'pj-other' }] }
    const { status } = settle({ ...scene, project: { ...project, spec } }).project
    assert.deepEqual(
      status?.targets?.map(({ state, message }) => [state, message?.slice(0, 10)]),
      [['Refused', 'Names that']],
    )
    assert.equal(scene.world.host.namespaces.has('pj-other'), false)
  })

  test('does not lose what workspaces have in it to the member that it is', () => {
    const world = new ClusterWorld(hostCluster)
    const workspace = aWorkspace('retail', held)
    for (let pass = 0; pass < 3; pass++) {
      const observed = { host: known(sightOf('host', world.sight())), projects: known([]) }
      const { objects, effects } = reconcileWorkspace({ object: workspace, observed, now })
      for (const effect of effects) if (effect.kind === 'createNamespace') world.apply(effect.object)
      if (objects.known) for (const { object } of objects.value) world.apply(object)
    }
    const before = world.sight().owned.length
    assert.ok(before > 3)
    const { owned, namespaces } = sightOf('member', world.sight())
    assert.deepEqual([owned, [...namespaces]], [[], []])
    assert.equal(sightOf('host', world.sight()).owned.length, before)
  })
})
