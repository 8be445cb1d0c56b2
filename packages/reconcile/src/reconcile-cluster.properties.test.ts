import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Cluster, finalizer, known, labels, networkProbeNamespace } from '@flotilla/model'
import * as fc from 'fast-check'
import { roleBinding } from './ownership/bindings.ts'
import {
  type ClusterEffect,
  type ClusterFacts,
  type ClusterObserved,
  platformOwner,
  reconcileCluster,
} from './reconcile-cluster.ts'
import { aCluster, away, ClusterWorld, frozen, going, held, now } from './testing/fleet-world.ts'

const zero = { cpuMillis: 0, memoryBytes: 0, pods: 0 }
const facts: ClusterFacts = {
  uid: 'kube-system-uid',
  nodes: { ready: 1, total: 1 },
  capacity: zero,
  allocatable: zero,
  requested: zero,
  lacks: [],
  apiGroups: ['apps', 'batch'],
  hasPolicies: false,
}
const later = '2026-05-01T10:05:00.000Z'
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
      isolationWanted: fc.boolean(),
      measuring: fc.boolean(),
      probeLeft: fc.constantFrom('none', 'none', 'ours', 'foreign'),
    })
    .map((given) => {
      const world = new ClusterWorld('east')
      for (const owner of given.strays) world.apply(stray(owner))
      if (given.probeLeft !== 'none') world.addNamespace(networkProbeNamespace, { probe: given.probeLeft === 'ours' })
      const annotations = given.policy === undefined ? {} : { annotations: { 'flotilla.dev/objects': given.policy } }
      const object = aCluster('east', { ...(given.deleting ? going : held), ...annotations })
      return { ...given, world, object }
    })
  type Scene = typeof scenes extends fc.Arbitrary<infer S> ? S : never
  const observe = (scene: Scene): ClusterObserved => ({
    connection: scene.connection,
    facts: scene.factsSeen ? known(facts) : away,
    member: scene.memberSeen && scene.connection.state === 'connected' ? known(scene.world.sight()) : away,
    network: { wanted: scene.isolationWanted, run: { state: scene.measuring ? 'running' : 'idle' } },
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

  test('measures only where isolation is wanted, takes away only what a measurement left, and leaves nothing of it', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const kinds = decide(scene).effects.map(({ kind }) => kind)
        if (kinds.includes('measureNetwork'))
          assert.ok(scene.isolationWanted && !scene.measuring && !scene.deleting && scene.factsSeen)
        if (kinds.includes('removeNetworkProbe')) {
          assert.ok(scene.memberSeen && scene.connection.state === 'connected')
          assert.ok(scene.deleting ? scene.measuring || scene.probeLeft === 'ours' : scene.probeLeft === 'ours')
          assert.ok(scene.deleting || !scene.measuring, 'what is being used stays')
        }
        if (kinds.includes('leaveMember')) assert.ok(scene.probeLeft !== 'ours' && !scene.measuring)
      }),
    )
  })

  test('never leaves a member with what guards it there, whatever is known of the member', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const kinds = decide(scene).effects.map(({ kind }) => kind)
        if (!kinds.includes('leaveMember')) return
        assert.ok(kinds.includes('unguard') && kinds.indexOf('unguard') < kinds.indexOf('leaveMember'))
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
          network: { wanted: false, run: { state: 'idle' } },
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
          isolationWanted: false,
          measuring: false,
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
    if (effect.kind === 'removeNetworkProbe') world.namespaces.delete(networkProbeNamespace)
    if (effect.kind === 'addFinalizer') return { ...metadata, finalizers: [finalizer] }
    if (effect.kind === 'removeFinalizer') return { ...metadata, finalizers: [] }
    return metadata
  }
  /** One that is not being deleted has to take its finalizer first. */
  function withoutFinalizer({ metadata }: Cluster): Cluster['metadata'] {
    return metadata.deletionTimestamp === undefined ? { ...metadata, finalizers: [] } : metadata
  }
})

describe('what keeps others from our bindings in a member', () => {
  const ask = (hasPolicies: boolean, more: object) => {
    const world = new ClusterWorld('east')
    return reconcileCluster({
      object: aCluster('east', more),
      observed: {
        connection: { state: 'connected', since: now, version: 'v1.36.3' },
        facts: known({ ...facts, hasPolicies }),
        member: known(world.sight()),
        owners: known(new Set()),
        swept: known(new Set()),
        deliveries: known([]),
        network: { wanted: false, run: { state: 'idle' } },
      },
      now,
    })
  }
  const guards = (decision: ReturnType<typeof ask>) =>
    decision.effects.map(({ kind }) => kind).filter((kind) => /guard/.test(kind))

  test('is kept where the cluster knows such policies', () => {
    assert.deepEqual(guards(ask(true, held)), ['guard'])
    assert.deepEqual(ask(true, held).status.lacks, [])
  })

  test('is left out of an older cluster, which says so', () => {
    assert.deepEqual(guards(ask(false, held)), [])
    assert.match(ask(false, held).status.lacks?.join() ?? '', /put back, not refused/)
  })
})
