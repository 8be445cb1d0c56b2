import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CustomRole, finalizer, known, type KubeObject, unknown } from '@flotilla/model'
import * as fc from 'fast-check'
import { hostCluster } from './decision.ts'
import { type CustomRoleObserved, isWrittenAsAdministrator, reconcileCustomRole } from './reconcile-custom-role.ts'
import { away, FleetWorld, frozen, going, held, now } from './testing/fleet-world.ts'

const role = (namespace: string, more: object = {}, spec: object = {}): CustomRole =>
  CustomRole.parse({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'CustomRole',
    metadata: { name: 'releaser', namespace, uid: 'role-uid', generation: 1, ...more },
    spec: { grants: ['applications.see', 'pods.logs', 'secrets.see'], ...spec },
  })
const places = {
  'flotilla-system': { scope: 'platform', uid: '' },
  'ws-retail': { scope: 'workspace', uid: 'ws-uid' },
  'pj-shop': { scope: 'project', uid: 'pj-uid' },
} as const
type Namespace = keyof typeof places
const shop = {
  name: 'shop',
  uid: 'pj-uid',
  clusterScope: false,
  targets: [
    { cluster: 'east', namespace: 'shop' },
    { cluster: 'west', namespace: 'shop' },
  ],
}
const seen = (world: FleetWorld, more: Partial<CustomRoleObserved> = {}): CustomRoleObserved => ({
  place: known(places['ws-retail']),
  projects: known([shop]),
  host: known(world.host.sight()),
  clusters: known(['east', 'west']),
  members: new Map(['east', 'west'].map((name) => [name, known(world.of(name).sight())])),
  holders: known(['dora']),
  refused: new Map(),
  ...more,
})
const decide = (object: CustomRole, observed: CustomRoleObserved) =>
  reconcileCustomRole({ object: frozen(object), observed, now })
const written = ({ objects }: ReturnType<typeof decide>) =>
  objects.known
    ? objects.value.map(({ cluster, object: { kind, metadata } }) => `${cluster}/${metadata.namespace ?? ''} ${kind}`)
    : objects.reason
const groupsOf = (object: KubeObject | undefined) =>
  ((object?.['subjects'] ?? []) as { name: string }[]).map(({ name }) => name)

describe('reconcileCustomRole', () => {
  const world = () => new FleetWorld(['east', 'west'])

  test('a role of a workspace is a Role with its binding in the workspace, its projects and their targets', () => {
    const decision = decide(
      role('ws-retail', held, { grants: ['projects.see', 'applications.see', 'pods.logs'] }),
      seen(world()),
    )
    assert.deepEqual(written(decision), [
      '/ws-retail Role',
      '/ws-retail RoleBinding',
      '/pj-shop Role',
      '/pj-shop RoleBinding',
      'east/shop Role',
      'east/shop RoleBinding',
      'west/shop Role',
      'west/shop RoleBinding',
    ])
    const wanted = decision.objects.known ? decision.objects.value : []
    assert.deepEqual(groupsOf(wanted[7]?.object), [
      'flotilla:workspace:ws-uid:role:role-uid',
      'flotilla:project:pj-uid:role:role-uid',
    ])
    assert.deepEqual(
      wanted.filter(isWrittenAsAdministrator).map(({ cluster }) => cluster),
      ['east', 'west'],
    )
    assert.deepEqual(decision.status.givenTo, ['dora'])
    assert.equal(decision.status.conditions?.[0]?.status, 'True')
  })

  test('a role of the platform is bound over whole clusters, and reads no Secrets of the host', () => {
    const decision = decide(
      role('flotilla-system', held),
      seen(world(), { place: known(places['flotilla-system']), projects: known([]) }),
    )
    assert.deepEqual(written(decision), [
      '/ ClusterRole',
      '/ ClusterRoleBinding',
      'east/ ClusterRole',
      'east/ ClusterRoleBinding',
      'west/ ClusterRole',
      'west/ ClusterRoleBinding',
    ])
    assert.doesNotMatch(JSON.stringify(decision.objects), /secrets/)
  })

  test('declarations of a project with scope Cluster are not among what it gives', () => {
    const decision = decide(
      role('ws-retail', held),
      seen(world(), { projects: known([{ ...shop, clusterScope: true }]) }),
    )
    assert.ok(!written(decision).includes('/pj-shop Role'))
    assert.ok(written(decision).includes('east/shop Role'))
  })

  test('what a cluster refused is said, with what the cluster said', () => {
    const { status, next } = decide(
      role('pj-shop', held),
      seen(world(), { refused: new Map([['east', 'more than held']]) }),
    )
    assert.deepEqual(
      [status.conditions?.[0]?.reason, status.conditions?.[0]?.message],
      ['Refused', 'east: more than held'],
    )
    assert.deepEqual(
      status.clusters?.map(({ state }) => state),
      ['Refused', 'Ready'],
    )
    assert.equal(next.next, 'waiting')
  })

  test('a role that somebody has stays until it is taken from them, and still gives what it gave', () => {
    const decision = decide(role('ws-retail', going), seen(world()))
    assert.match(decision.status.conditions?.[0]?.message ?? '', /given to dora/)
    assert.ok(written(decision).length > 0)
    assert.deepEqual(decision.effects, [])
  })

  const scenes = fc.record({
    namespace: fc.constantFrom<Namespace>('flotilla-system', 'ws-retail', 'pj-shop'),
    deleting: fc.boolean(),
    there: fc.boolean(),
    holders: fc.constantFrom<readonly string[]>([], ['dora']),
    lost: fc.constantFrom<readonly string[]>([], ['west'], ['east', 'west']),
    hostSeen: fc.boolean(),
  })

  test('what is not seen is neither written nor taken away, and after execution nothing is left to do', () => {
    fc.assert(
      fc.property(scenes, fc.boolean(), ({ namespace, deleting, there, holders, lost, hostSeen }, before) => {
        const fleet = world()
        const observe = (all: boolean): CustomRoleObserved =>
          seen(fleet, {
            place: known(there || namespace === 'flotilla-system' ? places[namespace] : undefined),
            holders: known(holders),
            host: all || hostSeen ? known(fleet.host.sight()) : away,
            members: new Map(
              ['east', 'west'].map((name) => [
                name,
                !all && lost.includes(name) ? away : known(fleet.of(name).sight()),
              ]),
            ),
          })
        // what an earlier one of the role left there
        if (before) fleet.applyAll(decide(role('ws-retail', held), seen(fleet)).objects)
        let object = role(namespace, deleting ? going : held)
        const first = observe(false)
        const once = decide(object, first)
        assert.deepEqual(once, decide(object, first))
        for (const effect of once.effects)
          if (effect.kind === 'prune') assert.ok(hostSeen && !lost.includes(effect.cluster))
        if (once.objects.known) assert.ok(once.objects.value.every(({ cluster }) => !lost.includes(cluster)))
        for (let pass = 0; pass < 3; pass++) {
          const { objects, effects, status } = decide(object, observe(true))
          fleet.applyAll(objects)
          for (const effect of effects) {
            if (effect.kind === 'prune') fleet.of(effect.cluster).prune(effect.object)
            if (effect.kind === 'addFinalizer')
              object = { ...object, metadata: { ...object.metadata, finalizers: [finalizer] } }
            if (effect.kind === 'removeFinalizer')
              object = { ...object, metadata: { ...object.metadata, finalizers: [] } }
          }
          object = { ...object, status }
        }
        const settled = decide(object, observe(true))
        assert.deepEqual(settled.effects, [])
        assert.equal(fleet.applyAll(settled.objects), 0)
        const gives = (there || namespace === 'flotilla-system') && !(deleting && holders.length === 0)
        const left = [hostCluster, 'east', 'west'].reduce((sum, name) => sum + fleet.of(name).objects.size, 0)
        assert.equal(left > 0, gives)
      }),
    )
  })

  test('while who has it is not known nothing is taken away', () => {
    const { objects, effects } = decide(role('ws-retail', going), seen(world(), { holders: unknown('cannot be read') }))
    assert.equal(objects.known, false)
    assert.deepEqual(effects, [])
  })
})
