import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { known } from '@flotilla/model'
import * as fc from 'fast-check'
import { hostCluster } from './decision.ts'
import { sightOf } from './ownership/sights.ts'
import { reconcileWorkspace } from './reconcile-workspace.ts'
import { aProject, aWorkspace, ClusterWorld, held, now } from './testing/fleet-world.ts'
import { decide, members, type Scene, sceneOf, settle } from './testing/project-scene.ts'

const subset = fc.subarray([...members])
const targets = fc.array(
  fc.record({ clusters: subset.map((names) => ({ names })), namespace: fc.constantFrom('shop', 'shop-b', 'shop-c') }),
  { maxLength: 4 },
)

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

describe('the Pod Security level', () => {
  const level = 'pod-security.kubernetes.io/enforce'
  const warn = 'pod-security.kubernetes.io/warn'
  const namespaceOf = ({ objects }: ReturnType<typeof decide>, cluster: string) => {
    const wanted = objects.known ? objects.value : []
    return wanted.find((one) => one.cluster === cluster && one.object.kind === 'Namespace')?.object
  }

  test('is on the namespaces of its targets, and follows the project', () => {
    for (const podSecurity of ['baseline', 'restricted', 'privileged'] as const) {
      const scene = settle(sceneOf({ project: aProject('shop', { podSecurity }, held) }))
      const wanted = namespaceOf(decide(scene), 'east')?.metadata.labels ?? {}
      assert.deepEqual([wanted[level], wanted[warn]], [podSecurity, podSecurity])
      assert.equal(namespaceOf(decide(scene), hostCluster)?.metadata.labels?.[level], undefined, 'nothing runs there')
    }
  })

  test('is made with the namespace, so that no pod comes before it', () => {
    const scene = settle(sceneOf())
    scene.world.of('east').namespaces.clear()
    const made = decide(scene).effects.find(({ kind }) => kind === 'createNamespace')
    assert.ok(made?.kind === 'createNamespace')
    assert.equal(made.object.metadata.labels?.[level], 'baseline')
  })

  test('of a namespace that was handed over is left to its administrator', () => {
    const before = settle(sceneOf())
    const namespace = before.world.of('east').namespaces.get('shop')
    assert.ok(namespace)
    before.world.of('east').namespaces.set('shop', { ...namespace, adopted: true })
    const wanted = namespaceOf(decide(before), 'east')
    assert.ok(wanted)
    assert.equal(wanted.metadata.labels?.[level], undefined)
  })
})

describe('the isolation of a project', () => {
  const isolated = (): Scene =>
    settle(sceneOf({ project: aProject('shop', { network: { isolation: 'Isolated', egress: 'Open' } }, held) }))
  const policiesIn = ({ world }: Scene, cluster: string): string[] =>
    [...world.of(cluster).objects.values()].flatMap(({ object: { kind, metadata } }) =>
      kind === 'NetworkPolicy' ? [`${metadata.namespace ?? ''}/${metadata.name}`] : [],
    )
  const saidOf = (scene: Scene, cluster: string) =>
    decide(scene).status.targets?.find((target) => target.cluster === cluster)?.network?.state
  const measured = (state: 'Enforced' | 'NotEnforced' | 'Unknown') => ({
    state,
    since: now,
    checkedAt: now,
    message: 'it was seen',
  })

  test('is a policy in each target, nowhere in the host, and goes when nobody asks for it', () => {
    const scene = isolated()
    for (const cluster of members) assert.deepEqual(policiesIn(scene, cluster), ['shop/flotilla'])
    assert.deepEqual(policiesIn(scene, hostCluster), [])
    const { project } = scene
    const { network: _network, ...spec } = project.spec
    const open = settle({ ...scene, project: { ...project, spec } })
    for (const cluster of members) assert.deepEqual(policiesIn(open, cluster), [])
    assert.ok(open.project.status?.targets?.every(({ network }) => network === undefined))
  })

  test('is put back when somebody deletes it, and leaves with the project', () => {
    const scene = isolated()
    for (const [key, { object }] of scene.world.of('east').objects)
      if (object.kind === 'NetworkPolicy') scene.world.of('east').objects.delete(key)
    assert.equal(saidOf({ ...scene, networkPolicy: { east: measured('Enforced') } }, 'east'), 'Unknown')
    assert.deepEqual(policiesIn(settle(scene), 'east'), ['shop/flotilla'])
    const { project } = scene
    const metadata = { ...project.metadata, deletionTimestamp: now }
    assert.deepEqual(policiesIn(settle({ ...scene, project: { ...project, metadata } }), 'east'), [])
  })

  test('is said to hold only where the policy is seen and the cluster was seen to enforce', () => {
    const scene: Scene = {
      ...isolated(),
      networkPolicy: { east: measured('Enforced'), north: measured('NotEnforced') },
    }
    assert.deepEqual(
      members.map((cluster) => saidOf(scene, cluster)),
      ['Isolated', 'NotEnforced', 'Unknown'],
    )
    const isolatedOf = (one: Scene) => {
      const found = decide(one).status.conditions?.find(({ type }) => type === 'Isolated')
      return [found?.status, found?.reason, found?.message.includes('north') === true]
    }
    assert.deepEqual(isolatedOf(scene), ['False', 'NotEnforced', true])
    const [east, some] = [measured('Enforced'), measured('Unknown')]
    assert.deepEqual(isolatedOf({ ...scene, networkPolicy: { east, north: some, west: east } }), [
      'Unknown',
      'NotKnown',
      true,
    ])
    assert.deepEqual(isolatedOf({ ...scene, networkPolicy: { east, north: east, west: east } }), [
      'True',
      'Enforced',
      true,
    ])
    const lost: Scene = { ...scene, connection: { ...scene.connection, east: 'lost' } }
    assert.equal(saidOf(lost, 'east'), 'Unknown')
  })
})

describe('the people of a project', () => {
  const groupsOf = (scene: Scene, cluster: string, namespace: string): Record<string, string[]> =>
    Object.fromEntries(
      [...scene.world.of(cluster).objects.values()]
        .filter(({ object }) => object.kind === 'RoleBinding' && object.metadata.namespace === namespace)
        .map(({ object }) => [
          object.metadata.name,
          (object['subjects'] as { name: string }[]).map(({ name }) => name.replace(/^flotilla:/, '')).sort(),
        ]),
    )
  const own = (role: string): string => `project:pj-uid-shop:${role}`
  const theirs = (role: string): string => `workspace:ws-uid-retail:${role}`

  test('have their role beside those of the workspace, in the host and in every target', () => {
    const scene = settle(sceneOf())
    assert.deepEqual(groupsOf(scene, hostCluster, 'pj-shop'), {
      'flotilla:admin': ['platform:admin', own('admin'), theirs('admin')],
      'flotilla:operator': [own('operator')],
      'flotilla:developer': [own('developer'), theirs('developer')],
      'flotilla:viewer': [own('viewer'), theirs('viewer')],
    })
    assert.deepEqual(groupsOf(scene, 'east', 'shop'), {
      'flotilla:delivery': [own('delivery')],
      'flotilla:admin': [own('admin'), theirs('admin')],
      'flotilla:developer': [own('developer'), theirs('developer')],
      'flotilla:viewer': [own('operator'), own('viewer'), theirs('viewer')],
      'flotilla:operator': [own('operator')],
    })
  })

  test('see their Project in its workspace, and nothing of this stays when it is gone', () => {
    const scene = settle(sceneOf())
    const people = ['admin', 'developer', 'member', 'operator', 'viewer'].map(own)
    assert.deepEqual(groupsOf(scene, hostCluster, 'ws-retail'), { 'flotilla:project:pj-uid-shop': people })
    const { project } = scene
    const gone = settle({
      ...scene,
      project: { ...project, metadata: { ...project.metadata, deletionTimestamp: now } },
    })
    assert.deepEqual([...gone.world.host.objects.keys()], [])
  })

  test("only look at what is the platform's, in a project with scope Cluster", () => {
    const scene = settle(sceneOf({ project: aProject('shop', { scope: 'Cluster' }, held) }))
    const groups = groupsOf(scene, hostCluster, 'pj-shop')
    assert.deepEqual(groups['flotilla:admin'], ['platform:admin'])
    assert.deepEqual([groups['flotilla:developer'], groups['flotilla:operator']], [[], []])
    assert.equal(groups['flotilla:viewer']?.length, 7)
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
        assert.equal(bindings(moved).length, 4)
        const left = settle({ ...moved, removing: ['east'] })
        assert.equal(hosts(left)?.owner, uid)
        assert.equal(bindings(left).length, 4)
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
      const observed = { host: known(sightOf('host', world.sight())), clusters: known([]), projects: known([]) }
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
