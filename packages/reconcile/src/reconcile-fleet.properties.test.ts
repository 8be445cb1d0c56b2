import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Cluster, type Credential, finalizer, type Known, known, unknown, type Workspace } from '@flotilla/model'
import * as fc from 'fast-check'
import { hostCluster } from './decision.ts'
import { roleBinding } from './ownership/bindings.ts'
import { labels, type User } from '@flotilla/model'
import {
  type ClusterEffect,
  type ClusterFacts,
  type ClusterObserved,
  platformOwner,
  reconcileCluster,
} from './reconcile-cluster.ts'
import { type CredentialObserved, reconcileCredential } from './reconcile-credential.ts'
import { reconcileMembership } from './reconcile-membership.ts'
import { reconcileWorkspace, type WorkspaceObserved } from './reconcile-workspace.ts'
import {
  aCluster,
  aCredential,
  aMembership,
  api,
  aWorkspace,
  away,
  ClusterWorld,
  FleetWorld,
  frozen,
  held,
  now,
} from './testing/fleet-world.ts'

const zero = { cpuMillis: 0, memoryBytes: 0, pods: 0 }
const facts: ClusterFacts = {
  uid: 'kube-system-uid',
  nodes: { ready: 1, total: 1 },
  capacity: zero,
  allocatable: zero,
  requested: zero,
  lacks: [],
  apiGroups: ['apps', 'batch'],
}
const later = '2026-05-01T10:05:00.000Z'
const going = { ...held, deletionTimestamp: now }
const stray = (owner: string) =>
  roleBinding({ namespace: 'shop', name: `of-${owner}`, role: 'edit', groups: [], labels: { [labels.owner]: owner } })

describe('reconcileCluster, whatever comes', () => {
  const mostly = fc.constantFrom(true, true, true, false)
  const states = fc.constantFrom(
    { state: 'connected', since: now, version: 'v1.36.3' } as const,
    { state: 'connected', since: now, version: 'v1.36.3' } as const,
    { state: 'connecting', since: now } as const,
    { state: 'lost', since: now, reason: 'cut' } as const,
  )
  const scenes = fc
    .record({
      deleting: fc.boolean(),
      connection: states,
      factsSeen: mostly,
      memberSeen: mostly,
      ownersSeen: mostly,
      deliveriesSeen: mostly,
      deliveries: fc.array(fc.boolean(), { maxLength: 2 }),
      strays: fc.subarray(['alive', 'dead']),
      owners: fc.subarray(['alive']),
      sweptSeen: mostly,
      swept: fc.subarray(['dead']),
      policy: fc.constantFrom('keep', 'delete', undefined),
    })
    .map((given) => {
      const world = new ClusterWorld('east')
      for (const owner of given.strays) world.apply(stray(owner))
      const annotations = given.policy === undefined ? {} : { annotations: { 'flotilla.dev/objects': given.policy } }
      const object = aCluster('east', { ...(given.deleting ? going : held), ...annotations })
      return { ...given, world, object }
    })
  type Scene = typeof scenes extends fc.Arbitrary<infer S> ? S : never
  const observe = (scene: Scene): ClusterObserved => ({
    connection: scene.connection,
    facts: scene.factsSeen ? known(facts) : away,
    member: scene.memberSeen && scene.connection.state === 'connected' ? known(scene.world.sight()) : away,
    owners: scene.ownersSeen ? known(new Set(scene.owners)) : away,
    swept: scene.sweptSeen ? known(new Set(scene.swept)) : away,
    deliveries: scene.deliveriesSeen
      ? known(
          scene.deliveries.map((deleting, at) => ({
            namespace: 'pj-shop',
            name: `d${at}`,
            deleting,
            policy: 'Keep' as const,
          })),
        )
      : away,
  })
  const decide = (scene: Scene, at = now) =>
    reconcileCluster({ object: frozen(scene.object), observed: frozen(observe(scene)), now: at })

  test('gives the same decision for the same input, and a status that holds still as time goes by', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const first = decide(scene)
        assert.deepEqual(decide(scene), first)
        const again = decide({ ...scene, object: { ...scene.object, status: first.status } }, later)
        assert.deepEqual(again.status, first.status)
      }),
    )
  })

  test('prunes only what it sees, of the platform or of owners that are known to be gone', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        for (const effect of decide(scene).effects) {
          if (effect.kind !== 'prune') continue
          assert.ok(scene.memberSeen && scene.connection.state === 'connected')
          if (effect.object.owner === platformOwner) continue
          assert.ok(scene.ownersSeen && !scene.owners.some((uid) => uid === effect.object.owner))
          if (scene.deleting) continue
          assert.ok(scene.sweptSeen && !scene.swept.some((uid) => uid === effect.object.owner), 'what sweeps needs it')
        }
      }),
    )
  })

  test('goes only when its deliveries are known to be gone, and then however the cluster is', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const kinds = decide(scene).effects.map(({ kind }) => kind)
        const leaves = kinds.includes('removeFinalizer')
        if (leaves) assert.ok(scene.deleting && scene.deliveriesSeen && scene.deliveries.length === 0)
        const lost = scene.connection.state === 'lost'
        if (scene.deleting && scene.deliveriesSeen && scene.deliveries.length === 0 && lost) {
          assert.ok(leaves && kinds.includes('recordLeft'), 'a lost cluster holds nobody up, and it is said')
        }
        if (kinds.includes('leaveMember')) assert.ok(scene.memberSeen && !lost)
      }),
    )
  })

  test('removes deliveries with the policy that was asked for; keep when nobody said', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        for (const effect of decide(scene).effects) {
          if (effect.kind !== 'removeDelivery') continue
          assert.equal(effect.policy, scene.policy === 'delete' ? 'Delete' : 'Keep')
        }
      }),
    )
  })

  test('tells deliveries that are going already when another mind was made up, and keeps their rights', () => {
    const object = aCluster('east', { ...going, annotations: { 'flotilla.dev/objects': 'keep' } })
    const one = { namespace: 'pj-shop', name: 'web.east', deleting: true }
    const ask = (policy: 'Keep' | 'Delete') =>
      reconcileCluster({
        object,
        observed: {
          connection: { state: 'connected', since: now, version: 'v1.36.3' },
          facts: known(facts),
          member: known(new ClusterWorld('east').sight()),
          owners: known(new Set<string>()),
          swept: known(new Set<string>()),
          deliveries: known([{ ...one, policy, message: 'it may not' }]),
        },
        now,
      })
    const told = ask('Delete')
    assert.deepEqual(
      told.effects.map((effect) => (effect.kind === 'removeDelivery' ? effect.policy : effect.kind)),
      ['Keep'],
    )
    assert.deepEqual(ask('Keep').effects, [])
    assert.match(told.status.message ?? '', /pj-shop\/web.east: it may not/)
    assert.ok(
      told.objects.known &&
        told.objects.value.some(({ object: { metadata } }) => metadata.name === 'flotilla:delivery'),
    )
  })

  test('after execution there is nothing left to do', () => {
    fc.assert(
      fc.property(scenes, (given) => {
        let scene: Scene = {
          ...given,
          deliveries: [],
          deliveriesSeen: true,
          object: { ...given.object, metadata: withoutFinalizer(given.object) },
        }
        for (let pass = 0; pass < 5; pass++) {
          const decision = decide(scene)
          if (decision.objects.known) for (const { object } of decision.objects.value) scene.world.apply(object)
          const metadata = decision.effects.reduce(
            (meta, effect) => perform(scene.world, meta, effect),
            scene.object.metadata,
          )
          scene = { ...scene, object: { ...scene.object, metadata, status: decision.status } }
        }
        const settled = decide(scene, later)
        const waits = settled.next.next !== 'settled'
        assert.deepEqual(settled.effects, waits ? settled.effects.filter(({ kind }) => kind === 'recordLeft') : [])
        if (settled.objects.known) assert.ok(settled.objects.value.every(({ object }) => !scene.world.apply(object)))
      }),
    )
  })

  function perform(world: ClusterWorld, metadata: Cluster['metadata'], effect: ClusterEffect): Cluster['metadata'] {
    if (effect.kind === 'prune') world.prune(effect.object)
    if (effect.kind === 'addFinalizer') return { ...metadata, finalizers: [finalizer] }
    if (effect.kind === 'removeFinalizer') return { ...metadata, finalizers: [] }
    return metadata
  }
  /** One that is not being deleted has to take its finalizer first. */
  function withoutFinalizer({ metadata }: Cluster): Cluster['metadata'] {
    return metadata.deletionTimestamp === undefined ? { ...metadata, finalizers: [] } : metadata
  }
})

describe('reconcileWorkspace, whatever comes', () => {
  const scenes = fc.record({
    deleting: fc.boolean(),
    hostSeen: fc.boolean(),
    projects: fc.oneof(
      fc.array(fc.constantFrom('shop', 'web'), { maxLength: 2 }).map((names): Known<string[]> => known(names)),
      fc.constant<Known<string[]>>(unknown('cannot be read')),
    ),
    stranger: fc.constantFrom(undefined, 'ours', 'other'),
  })
  const build = (deleting: boolean, stranger: string | undefined) => {
    const world = new ClusterWorld(hostCluster)
    const object: Workspace = aWorkspace('retail', deleting ? going : held)
    if (stranger !== undefined)
      world.addNamespace('ws-retail', { owner: stranger === 'ours' ? (object.metadata.uid ?? '') : 'other' })
    return { world, object }
  }

  test('gives the same decision for the same input; destroys only what is its own, and only when its projects are known to be gone', () => {
    fc.assert(
      fc.property(scenes, ({ deleting, hostSeen, projects, stranger }) => {
        const { world, object } = build(deleting, stranger)
        const observed: WorkspaceObserved = { host: hostSeen ? known(world.sight()) : away, projects }
        const ask = () => reconcileWorkspace({ object: frozen(object), observed: frozen(observed), now })
        assert.deepEqual(ask(), ask())
        for (const effect of ask().effects) {
          if (effect.kind !== 'deleteNamespace' && effect.kind !== 'removeFinalizer') continue
          assert.ok(deleting && hostSeen && projects.known && projects.value.length === 0)
          if (effect.kind === 'deleteNamespace') assert.equal(stranger, 'ours')
        }
      }),
    )
  })

  test('after execution there is nothing left to do', () => {
    fc.assert(
      fc.property(scenes, ({ deleting, stranger }) => {
        const built = build(deleting, stranger)
        const { world } = built
        let { object } = built
        const decide = () =>
          reconcileWorkspace({ object, observed: { host: known(world.sight()), projects: known([]) }, now })
        for (let pass = 0; pass < 5; pass++) {
          const { objects, effects, status } = decide()
          if (objects.known) for (const wanted of objects.value) world.apply(wanted.object)
          for (const effect of effects) {
            if (effect.kind === 'createNamespace') world.apply(effect.object)
            if (effect.kind === 'deleteNamespace') world.deleteNamespace(effect.namespace, effect.uid)
            if (effect.kind === 'prune') world.prune(effect.object)
            if (effect.kind === 'removeFinalizer')
              object = { ...object, metadata: { ...object.metadata, finalizers: [] } }
          }
          object = { ...object, status }
        }
        const settled = decide()
        assert.deepEqual(settled.effects, [])
        assert.deepEqual(settled.status, object.status)
        if (settled.objects.known) assert.ok(settled.objects.value.every((wanted) => !world.apply(wanted.object)))
      }),
    )
  })
})

describe('reconcileCredential, whatever comes', () => {
  const members = ['east', 'west']
  const scenes = fc.record({
    deleting: fc.boolean(),
    copy: fc.boolean(),
    type: fc.constantFrom('Registry' as const, 'Git' as const),
    secret: fc.constantFrom('whole', 'none', 'half', 'unknown'),
    targets: fc.oneof(fc.subarray(members), fc.constant(undefined)),
    seen: fc.subarray(members),
    before: fc.subarray(members),
  })
  type Scene = typeof scenes extends fc.Arbitrary<infer S> ? S : never
  const secrets: Record<string, CredentialObserved['secret']> = {
    whole: known({ username: 'u', password: 'hunter2' }),
    none: known(undefined),
    half: known({ username: 'u' }),
    unknown: unknown('not read'),
  }
  const observe = (scene: Scene, world: FleetWorld): CredentialObserved => ({
    secret: secrets[scene.secret] ?? away,
    targets:
      scene.targets === undefined ? away : known(scene.targets.map((cluster) => ({ cluster, namespace: 'shop' }))),
    members: new Map(members.map((name) => [name, scene.seen.includes(name) ? known(world.of(name).sight()) : away])),
    lost: new Set(members.filter((name) => !scene.seen.includes(name))),
  })
  const objectOf = ({ deleting, copy, type }: Scene): Credential =>
    aCredential({ copyToTargets: copy && type === 'Registry', type }, deleting ? going : held)

  test('says nothing of what is secret, deletes nothing that it does not see, nor copies because their source is being changed', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const world = new FleetWorld(members)
        const object = objectOf(scene)
        for (const name of scene.before) {
          world.of(name).apply({
            apiVersion: 'v1',
            kind: 'Secret',
            metadata: { name: 'pull', namespace: 'shop', labels: { [labels.owner]: 'cr-uid' } },
          })
        }
        const ask = () => reconcileCredential({ object: frozen(object), observed: observe(scene, world), now })
        const decision = ask()
        assert.deepEqual(ask(), decision)
        assert.ok(!JSON.stringify(decision.status).includes('hunter2'))
        for (const effect of decision.effects) {
          if (effect.kind !== 'prune') continue
          assert.ok(scene.seen.includes(effect.cluster))
          if (!scene.deleting) assert.equal(scene.secret, 'whole')
          if (!scene.deleting && object.spec.copyToTargets)
            assert.ok(scene.targets !== undefined && !scene.targets.includes(effect.cluster))
        }
      }),
    )
  })

  test('after execution there is nothing left to do', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const world = new FleetWorld(members)
        let object = objectOf(scene)
        const decide = () => reconcileCredential({ object, observed: observe(scene, world), now })
        for (let pass = 0; pass < 4; pass++) {
          const { objects, effects, status } = decide()
          world.applyAll(objects)
          for (const effect of effects) {
            if (effect.kind === 'prune') world.of(effect.cluster).prune(effect.object)
            else
              object = {
                ...object,
                metadata: { ...object.metadata, finalizers: effect.kind === 'addFinalizer' ? [finalizer] : [] },
              }
          }
          object = { ...object, status }
        }
        const settled = decide()
        assert.deepEqual(settled.effects, [])
        assert.deepEqual(settled.status, object.status)
        assert.equal(world.applyAll(settled.objects), 0)
      }),
    )
  })
})

describe('reconcileCredential', () => {
  test('of Git says that a key of ssh alone opens nothing', () => {
    const observed: CredentialObserved = {
      secret: known({ sshKey: 'hunter2' }),
      targets: known([]),
      members: new Map(),
      lost: new Set(),
    }
    const { status } = reconcileCredential({ object: aCredential({ type: 'Git' }, held), observed, now })
    assert.equal(status.conditions?.[0]?.status, 'False')
    assert.match(status.conditions?.[0]?.message ?? '', /over https: give it token/)
  })
})

describe('reconcileMembership', () => {
  const user = (uid: string): User => ({
    ...api,
    kind: 'User',
    metadata: { name: 'ada', uid },
    spec: { disabled: false },
  })
  const decide = (object: ReturnType<typeof aMembership>, who: Known<User | undefined>, roleKnown = true) =>
    reconcileMembership({ object: frozen(object), observed: { user: who, roleKnown }, now })

  test('is bound to the person who has the name, and to nobody else ever after', () => {
    const first = decide(aMembership(), known(user('first')))
    assert.equal(first.status.userUid, 'first')
    const second = decide(aMembership('developer', first.status), known(user('second')))
    assert.equal(second.status.userUid, 'first')
    assert.equal(second.status.conditions?.[0]?.reason, 'OtherUser')
    assert.equal(decide(aMembership('developer', first.status), known(undefined)).status.userUid, 'first')
  })

  test('gives nothing while the role or the person is not known', () => {
    assert.equal(decide(aMembership('owner'), known(user('a')), false).status.userUid, undefined)
    assert.equal(decide(aMembership(), known(undefined)).status.userUid, undefined)
    assert.equal(decide(aMembership(), away).status.userUid, undefined)
  })

  test('holds still', () => {
    const { status } = decide(aMembership(), known(user('a')))
    assert.deepEqual(decide(aMembership('developer', status), known(user('a'))).status, status)
  })
})
