import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, test } from 'node:test'
import type { AuditEntry } from '@flotilla/api'
import type { DeliveryEffect, EffectResult } from '@flotilla/reconcile'
import { delivery, project, user, workspace } from '../http/testing/http-fixture.ts'
import { memoryState } from '../http/testing/memory-state.ts'
import { exampleRevision } from '../store/store.suite.ts'
import { createDeliveryAudit } from './audit-delivery.ts'
import { createPlaces } from './places.ts'

const failure = {
  ref: { group: '', version: 'v1', kind: 'ConfigMap', namespace: '', name: 'x' },
  code: 'kube.forbidden',
  message: '',
} as const
const applied = (failures: number): EffectResult => ({
  kind: 'applied',
  applied: new Map([['a', { live: '', resourceVersion: '' }]]),
  failures: Array.from({ length: failures }, () => failure),
  skipped: [],
  at: '',
})
// only what the audit reads of an effect
const effect = (of: object): DeliveryEffect => of as DeliveryEffect

describe('what controllers did', () => {
  function open() {
    const entries: AuditEntry[] = []
    const state = memoryState()
    state.users.put(user('dora'))
    state.workspaces.put(workspace('retail'))
    state.projects.put(project('shop', 'retail'))
    const audit = createDeliveryAudit({
      audit: { note: (entry) => void entries.push(entry) },
      places: createPlaces(state),
      state,
      revisions: {
        get: async (uid, revision) =>
          exampleRevision(uid, revision, { by: 'flotilla:user:uid-dora', reason: 'edited' }),
      },
      now: () => 0,
    })
    return { entries, audit }
  }
  const web = delivery('web', 'east')

  const effects: readonly (readonly [string, object, EffectResult | undefined, unknown])[] = [
    ['an apply', { kind: 'apply', key: 'apply/1' }, applied(0), ['delivery.apply', 'allowed', 1, undefined]],
    ['a repair of drift', { kind: 'apply', key: 'repair/1' }, applied(0), ['delivery.repair', 'allowed', 1, undefined]],
    ['an apply that failed', { kind: 'apply', key: 'apply/1' }, applied(2), ['delivery.apply', 'failed', 1, 2]],
    [
      'a prune',
      { kind: 'prune', key: 'p', objects: [1, 2, 3] },
      { kind: 'done' },
      ['delivery.prune', 'allowed', 3, undefined],
    ],
    [
      'objects let go of',
      { kind: 'release', key: 'r', refs: [1] },
      undefined,
      ['delivery.release', 'allowed', 1, undefined],
    ],
    ['a dry-run, not', { kind: 'dryRun', key: 'd' }, undefined, undefined],
    ['an inventory, not', { kind: 'writeInventory', key: 'i' }, { kind: 'done' }, undefined],
  ]
  for (const [what, of, result, expected] of effects)
    test(`has ${what}`, async () => {
      const { entries, audit } = open()
      audit.effect(web, effect(of), result)
      await turn()
      const [entry] = entries
      assert.deepEqual(
        entry && [entry.verb, entry.result, entry.details?.['objects'], entry.details?.['failed']],
        expected,
      )
      if (entry === undefined) return
      assert.deepEqual(entry.target, {
        kind: 'Application',
        name: 'web',
        namespace: 'shop',
        cluster: 'east',
        workspace: 'retail',
        workspaceUid: 'uid-retail',
        project: 'shop',
        projectUid: 'uid-shop',
      })
      assert.deepEqual([entry.details?.['revision'], entry.details?.['because']], [1, 'dora'])
      assert.deepEqual(entry.actor.groups, ['flotilla:project:uid-shop:delivery'])
    })

  test('has a revision with its author, and not each of the failures that are tried again', async () => {
    const { entries, audit } = open()
    audit.revision(exampleRevision('uid', 4, { by: 'flotilla:user:uid-dora' }))
    assert.deepEqual(entries[0]?.details, { revision: 4, because: 'dora', reason: 'edited', targets: 1 })
    for (let tries = 0; tries < 50; tries++) audit.effect(web, effect({ kind: 'apply', key: 'a' }), applied(1))
    await turn()
    assert.equal(entries.length, 1 + 6)
  })
})
