import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { known, unknown, type Workspace } from '@flotilla/model'
import * as fc from 'fast-check'
import { hostCluster } from './decision.ts'
import { reconcileWorkspace, type WorkspaceObserved } from './reconcile-workspace.ts'
import { aProject, aWorkspace, away, ClusterWorld, frozen, going, held, now } from './testing/fleet-world.ts'

describe('reconcileWorkspace, whatever comes', () => {
  const scenes = fc.record({
    deleting: fc.boolean(),
    hostSeen: fc.boolean(),
    projects: fc.oneof(
      fc
        .array(fc.constantFrom('shop', 'web'), { maxLength: 2 })
        .map((names): WorkspaceObserved['projects'] => known(names.map((name) => aProject(name)))),
      fc.constant<WorkspaceObserved['projects']>(unknown('cannot be read')),
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
