import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Credential, finalizer, known, labels, unknown } from '@flotilla/model'
import * as fc from 'fast-check'
import { type CredentialObserved, reconcileCredential } from './reconcile-credential.ts'
import { aCredential, away, FleetWorld, frozen, going, held, now } from './testing/fleet-world.ts'

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
