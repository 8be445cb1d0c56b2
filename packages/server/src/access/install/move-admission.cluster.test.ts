import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { KubeClient } from '@flotilla/kube'
import { apiVersion, asFlotillaError, type KubeObject, refOf } from '@flotilla/model'
import { application, kindRef } from '../../testing/open-hub.ts'
import { until } from '../../testing/until.ts'
import { openTenancy, refused } from './testing/open-tenancy.ts'

const ada = 'flotilla:user:test-ada'
const eve = 'flotilla:user:test-eve'
const asked = (by: string) => ({ by, at: '2026-01-01T00:00:00Z' })

describe('admission of moves in the host, for whoever comes with plain kubectl', async () => {
  const { hub, mine, others, inProject, grantByHand } = await openTenancy()
  after(() => hub[Symbol.asyncDispose]())
  const move = (name: string, spec: object = {}, namespace = mine.project): KubeObject => ({
    apiVersion,
    kind: 'Move',
    metadata: { name, namespace },
    spec: { application: 'web', author: ada, from: { clusters: ['east'] }, to: { clusters: ['west'] }, ...spec },
  })
  const change = (client: KubeClient, name: string, spec: object) =>
    client.patch({ ...kindRef('Move'), namespace: mine.project, name }, { type: 'merge', body: { spec } })
  const inPhase = async (made: KubeObject, phase: string): Promise<KubeObject> => {
    const found = await hub.client.get(refOf(made))
    return await hub.client.replaceStatus({ ...found, status: { phase } })
  }
  before(async () => {
    await until('the policies of moves are in force', async () =>
      inProject('developer')
        .create(move('probe', { author: eve }), { dryRun: true })
        .then(
          () => false,
          (thrown: unknown) => /spec\.author/.test(asFlotillaError(thrown).message),
        ),
    )
  })
  const developer = inProject('developer')
  const operator = inProject('operator')

  test('who changes applications starts moves, in their own name', async () => {
    for (const client of [developer, inProject('admin')]) await client.create(move('mine'), { dryRun: true })
    for (const role of ['operator', 'viewer'] as const) {
      await refused(inProject(role).create(move('mine')), /cannot create/)
      await inProject(role).list(kindRef('Move'), { namespace: mine.project })
    }
    await refused(developer.create(move('mine', { author: eve })), /spec\.author names who starts/)
    await refused(developer.create(move('mine', {}, others.project)), /cannot create/)
    await refused(
      developer.create(move('mine', { control: { undo: asked(eve) } })),
      /spec\.control\.undo\.by names who asks/,
    )
    // rights that somebody gave by hand make nobody one who changes applications
    await grantByHand(mine.project, 'by-hand', ['moves'], ['create', 'get', 'patch'])
    const byHand = hub.client.as({ user: ada, groups: ['by-hand'] })
    await refused(byHand.create(move('mine')), /started by who may change the application/)
  })

  test('operators ask for an end, once and in their own name; nothing else of a move changes', async () => {
    await hub.make(move('asked'))
    await refused(change(operator, 'asked', { control: { undo: asked(eve) } }), /names who asks/)
    await change(operator, 'asked', { control: { confirmedTraffic: asked(ada) } })
    await refused(change(operator, 'asked', { control: { confirmedTraffic: null } }), /never taken back/)
    await refused(
      change(operator, 'asked', { control: { confirmedTraffic: { ...asked(ada), reason: 'x' } } }),
      /never taken back/,
    )
    await refused(change(developer, 'asked', { to: { clusters: ['north'] } }), /only spec\.control changes/)
    await refused(change(developer, 'asked', { author: eve }), /only spec\.control changes/)
    await refused(change(inProject('viewer'), 'asked', { control: { undo: asked(ada) } }), /cannot patch/)
    await refused(hub.client.create(move('nowhere', { to: {} })), /clusters or namespace is needed/)
  })

  test('a move that has an application in hand is not deleted', async () => {
    const made = await hub.make(move('held'))
    await inPhase(made, 'Draining')
    const key = { ...kindRef('Move'), namespace: mine.project, name: 'held' }
    await refused(developer.delete(key), /take it back \(spec\.control\.undo\)/)
    await inPhase(made, 'Undone')
    await developer.delete(key)
  })

  test('where an application runs is the move’s while it has it in hand; everything else may be edited', async () => {
    const made = await hub.make(application(mine.project, 'moving'))
    const key = refOf(made)
    const edit = (client: KubeClient, spec: object) => client.patch(key, { type: 'merge', body: { spec } })
    await refused(edit(developer, { move: 'mine' }), /spec\.move is written by Flotilla only/)
    await edit(developer, { standby: [{ namespaces: ['a'] }], placement: { clusters: { names: ['east'] } } })
    await edit(hub.client, { move: 'web-1' })
    await refused(
      edit(developer, { placement: { clusters: { names: ['west'] } } }),
      /The move web-1 has the application/,
    )
    await refused(edit(inProject('admin'), { standby: null }), /The move web-1 has the application/)
    await refused(edit(developer, { move: null }), /spec\.move is written by Flotilla only/)
    await edit(developer, { maxConcurrency: 2 })
    await edit(operator, { paused: true })
    await edit(hub.client, { move: null })
    await edit(developer, { standby: null })
    const { spec } = await hub.client.get(key)
    assert.equal((spec as { move?: string }).move, undefined)
  })
})
