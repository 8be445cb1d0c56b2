import { after, before, describe, test } from 'node:test'
import type { KubeClient } from '@flotilla/kube'
import {
  apiVersion,
  asFlotillaError,
  builtInRoles,
  type KubeObject,
  platformGroup,
  projectGroup,
  refOf,
} from '@flotilla/model'
import { application, kindRef } from '../../testing/open-hub.ts'
import { until } from '../../testing/until.ts'
import { openTenancy, refused } from './testing/open-tenancy.ts'

const ada = 'flotilla:user:test-ada'
const eve = 'flotilla:user:test-eve'

describe('admission of releases in the host, for whoever comes with plain kubectl', async () => {
  const { hub, mine, others, as, inProject, role, grantByHand } = await openTenancy()
  after(() => hub[Symbol.asyncDispose]())
  before(async () => {
    // the policy that is installed last is in force: so are those before it
    await until('the policies of approvals are in force', async () =>
      hub.client.create(approval('probe', eve), { dryRun: true }).then(
        () => false,
        (thrown: unknown) => /spec\.approver/.test(asFlotillaError(thrown).message),
      ),
    )
  })

  const object = (kind: string, name: string, spec: object, namespace = mine.project): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name, namespace },
    spec,
  })
  const release = (name: string, spec: object = {}, namespace = mine.project) =>
    object('Release', name, { application: 'web', authors: [ada], ...spec }, namespace)
  const plan = (name: string, namespace = mine.project) =>
    object('Plan', name, { stages: [{ name: 'all' }] }, namespace)
  const rollout = (name: string, spec: object = {}, namespace = mine.project) =>
    object('Rollout', name, { application: 'web', release: 'r', plan: 'p', author: ada, ...spec }, namespace)
  const approval = (name: string, approver: string, namespace = mine.project) =>
    object('Approval', name, { release: 'r', digest: 'd', approver }, namespace)
  const version = (name: string, namespace = mine.project) => {
    const definition = { type: 'helm', digest: 'd' }
    return object('ComponentVersion', name, { application: 'web', component: 'web', definition }, namespace)
  }
  const tenantsWrite = [
    (name: string, at = mine.project) => release(name, {}, at),
    (name: string, at = mine.project) => rollout(name, {}, at),
    (name: string, at = mine.project) => approval(name, ada, at),
  ]

  const asEve = (name: (typeof builtInRoles.project)[number]): KubeClient =>
    hub.client.as({ user: eve, groups: [projectGroup(mine.uid, name)] })
  const developer = inProject('developer')
  const operator = inProject('operator')
  const change = (client: KubeClient, kind: string, name: string, spec: object) =>
    client.patch({ ...kindRef(kind), namespace: mine.project, name }, { type: 'merge', body: { spec } })
  /** As Flotilla says it. */
  const inPhase = async (made: KubeObject, phase: string): Promise<KubeObject> => {
    const found = await hub.client.get(refOf(made))
    return await hub.client.replaceStatus({ ...found, status: { phase } })
  }

  test('who releases makes releases, rollouts and approvals; plans are written by administrators only', async () => {
    for (const client of [developer, operator, inProject('admin'), as(platformGroup('admin')), role('developer')]) {
      const dryRun = { dryRun: true }
      for (const make of tenantsWrite) await client.create(make('mine'), dryRun)
    }
    for (const client of [inProject('admin'), role('admin'), as(platformGroup('admin'))])
      await client.create(plan('safe'), { dryRun: true })
    await hub.make(plan('safe'))
    for (const name of ['developer', 'operator', 'viewer'] as const) {
      await refused(inProject(name).create(plan('fast')), /cannot create/)
      await refused(change(inProject(name), 'Plan', 'safe', { whenBusy: 'Replace' }), /cannot patch/)
      await refused(
        inProject(name).delete({ ...kindRef('Plan'), namespace: mine.project, name: 'safe' }),
        /cannot delete/,
      )
      for (const kind of ['Plan', 'Release', 'Rollout', 'Approval', 'ComponentVersion'])
        await inProject(name).list(kindRef(kind), { namespace: mine.project })
    }
    for (const make of tenantsWrite) await refused(inProject('viewer').create(make('mine')), /cannot create/)
    for (const make of [...tenantsWrite, plan, version])
      await refused(developer.create(make('mine', others.project)), /cannot create/)
  })

  test('versions of components, and every status, are written by Flotilla only', async () => {
    const people: readonly KubeClient[] = [
      ...builtInRoles.project.map((name) => inProject(name)),
      ...builtInRoles.workspace.map((name) => role(name)),
      as(platformGroup('admin')),
    ]
    const made = await Promise.all([
      hub.make(release('said')),
      hub.make(plan('said')),
      hub.make(rollout('said')),
      hub.make(version('said')),
    ])
    for (const client of people) {
      await refused(client.create(version('own')), /cannot create/)
      for (const one of made) await refused(client.replaceStatus({ ...one, status: {} }), /\/status/)
    }
    await grantByHand(mine.project, projectGroup(mine.uid, 'operator'), ['componentversions'], ['create', 'get'])
    await refused(operator.create(version('own')), /written by Flotilla only/)
  })

  test('all of it lies in the host namespace of a project', async () => {
    for (const namespace of ['default', mine.workspace]) {
      for (const make of [...tenantsWrite, plan])
        await refused(as(platformGroup('admin')).create(make('stray', namespace)), /host namespace of a project/)
      await refused(hub.client.create(version('stray', namespace)), /host namespace of a project/)
    }
  })

  test('nobody passes off as another who wrote a release, and nobody is taken out of it', async () => {
    await refused(developer.create(release('r1', { authors: [eve] })), /spec\.authors of a new Release.*test-ada/)
    await refused(developer.create(release('r1', { authors: [ada, eve] })), /spec\.authors/)
    await hub.client.create(release('by-platform', { authors: [eve] }), { dryRun: true })
    await developer.create(release('r1'))
    const spec = { title: 'more' }
    await refused(change(asEve('operator'), 'Release', 'r1', spec), /spec\.authors keeps.*test-eve/)
    await refused(change(asEve('operator'), 'Release', 'r1', { freeze: true }), /spec\.authors keeps/)
    await refused(change(asEve('operator'), 'Release', 'r1', { ...spec, authors: [eve] }), /spec\.authors keeps/)
    await refused(
      change(asEve('operator'), 'Release', 'r1', { ...spec, authors: [ada, eve, 'flotilla:user:x'] }),
      /spec\.authors keeps/,
    )
    await change(asEve('operator'), 'Release', 'r1', { ...spec, authors: [ada, eve] })
    await refused(change(developer, 'Release', 'r1', { authors: [ada] }), /spec\.authors keeps/)
    await change(developer, 'Release', 'r1', { title: 'most', freeze: true })
    await refused(change(developer, 'Release', 'r1', { title: 'other' }), /never changes/)
  })

  test('a release may be made frozen, and is rejected by whoever says so, author or not', async () => {
    await developer.create(release('r2', { freeze: true }))
    const reject = (by: string) => ({ rejected: { by, reason: 'broken' } })
    await refused(developer.create(release('r3', reject(eve))), /spec\.rejected\.by.*test-ada/)
    await refused(change(asEve('operator'), 'Release', 'r2', reject(ada)), /spec\.rejected\.by.*test-eve/)
    await change(asEve('operator'), 'Release', 'r2', reject(eve))
    await refused(change(developer, 'Release', 'r2', reject(ada)), /stays rejected/)
  })

  test('a release that goes out, or runs, is not deleted', async () => {
    const admin = inProject('admin')
    const made = await developer.create(release('r4'))
    await refused(developer.delete(refOf(made)), /cannot delete/)
    for (const [phase, words] of [
      ['Rolling', /spec\.control\.abort/],
      ['Active', /later Release is Active/],
    ] as const) {
      await inPhase(made, phase)
      await refused(admin.delete(refOf(made)), words)
    }
    await inPhase(made, 'Superseded')
    await admin.delete(refOf(made))
    const draft = await developer.create(release('r5'))
    await admin.delete(refOf(draft))
    const active = await developer.create(release('r6'))
    await inPhase(active, 'Active')
    await hub.client.delete(refOf(active))
  })

  test('a rollout names who starts it, and begins with nothing asked of it but a pause', async () => {
    await refused(operator.create(rollout('run', { author: eve })), /spec\.author .*test-ada/)
    const entry = { id: 'one', by: ada }
    for (const control of [
      { resumed: 1 },
      { abort: { by: ada, reason: 'x' } },
      { retries: [entry] },
      { skips: [{ ...entry, reason: 'x' }] },
      { resolutions: [{ ...entry, reason: 'x', step: { stage: 'all', step: 'job' }, outcome: 'Succeeded' }] },
    ])
      await refused(operator.create(rollout('run', { control })), /spec\.control of a new Rollout/)
    await refused(operator.create(rollout('run', { control: { paused: { by: eve } } })), /paused\.by.*test-ada/)
    await operator.create(rollout('run', { control: { paused: { by: ada } } }), { dryRun: true })
    await operator.create(rollout('run', { control: {} }), { dryRun: true })
    await hub.client.create(rollout('run', { author: eve }), { dryRun: true })
  })

  test('what is asked of a rollout names who asks, and stays', async () => {
    await operator.create(rollout('steered'))
    const steer = (control: object, client = operator) => change(client, 'Rollout', 'steered', { control })
    const other = asEve('developer')
    await refused(steer({ paused: { by: eve } }), /paused\.by.*test-ada/)
    await steer({ paused: { by: ada, reason: 'look' } })
    await refused(steer({ paused: { by: ada, reason: 'no' } }, other), /paused\.by.*test-eve/)
    await steer({ paused: null }, other)
    await refused(steer({ resumed: 2 }), /spec\.control\.resumed is raised by one.*write 1/)
    await steer({ resumed: 1 })
    await refused(steer({ resumed: 0 }), /raised by one/)
    const retry = { id: 'again', by: ada, stage: 'all' }
    await refused(steer({ retries: [{ ...retry, by: eve }] }), /spec\.control\.retries: a new entry.*test-ada/)
    await steer({ retries: [retry] })
    const second = { id: 'more', by: eve }
    await refused(steer({ retries: [second] }, other), /retries keeps every entry/)
    await refused(steer({ retries: [{ ...retry, stage: 'other' }, second] }, other), /retries keeps every entry/)
    await refused(steer({ retries: [retry, { ...second, id: 'again' }] }, other), /id of its own/)
    await steer({ retries: [retry, second] }, other)
    await refused(steer({ retries: [] }), /retries keeps every entry/)
    const skip = { id: 'past', by: ada, reason: 'known', target: { cluster: 'east', namespace: 'shop' } }
    await refused(steer({ skips: [skip] }, other), /spec\.control\.skips: a new entry/)
    await steer({ skips: [skip] })
    const resolution = { id: 'seen', by: eve, reason: 'log', step: { stage: 'all', step: 'job' }, outcome: 'Succeeded' }
    await refused(steer({ resolutions: [resolution] }), /spec\.control\.resolutions: a new entry/)
    await steer({ resolutions: [resolution] }, other)
    await refused(
      steer({ resolutions: [{ ...resolution, outcome: 'Failed' }] }, other),
      /resolutions keeps every entry/,
    )
    await refused(steer({ abort: { by: eve, reason: 'x' } }), /abort\.by.*test-ada/)
    await steer({ abort: { by: ada, reason: 'broken' } })
    await refused(steer({ abort: null }), /what was aborted goes on no more/)
    await refused(steer({ abort: { by: eve, reason: 'broken' } }, other), /what was aborted goes on no more/)
    await refused(steer({ paused: { by: ada } }, inProject('viewer')), /cannot patch/)
    // as many as there may be are still looked at
    const many = Array.from({ length: 198 }, (_, at) => ({ id: `r-${at}`, by: ada, stage: 'all' }))
    await steer({ retries: [retry, second, ...many] })
    await refused(steer({ retries: [retry, ...many] }), /retries keeps every entry/)
  })

  test('a rollout that has not ended is not deleted', async () => {
    const admin = inProject('admin')
    const made = await operator.create(rollout('ends'))
    await refused(operator.delete(refOf(made)), /cannot delete/)
    await refused(admin.delete(refOf(made)), /has not ended; abort it/)
    await inPhase(made, 'Paused')
    await refused(admin.delete(refOf(made)), /has not ended/)
    await inPhase(made, 'Aborted')
    await admin.delete(refOf(made))
    await hub.client.delete(refOf(await operator.create(rollout('platform-ends'))))
  })

  test('an approval is made by nobody for another, and taken back by who gave it or an administrator', async () => {
    await refused(developer.create(approval('yes', eve)), /spec\.approver.*test-ada/)
    await refused(hub.client.create(approval('yes', eve)), /spec\.approver/)
    const made = await developer.create(approval('yes', ada))
    await refused(asEve('operator').delete(refOf(made)), /taken back by who gave it \(flotilla:user:test-ada\)/)
    await refused(change(developer, 'Approval', 'yes', { decision: 'Rejected' }), /cannot patch/)
    await developer.delete(refOf(made))
    const again = await developer.create(approval('yes', ada))
    await asEve('admin').delete(refOf(again))
    await hub.client.delete(refOf(await developer.create(approval('yes', ada))))
    // the right to write the object is not the right to approve
    await grantByHand(mine.project, projectGroup(mine.uid, 'viewer'), ['approvals'], ['create', 'delete'])
    await refused(inProject('viewer').create(approval('no', ada)), /verb approve on releases/)
  })

  test('how an application goes out, and what holds it, is changed by who may edit it', async () => {
    const hold = { since: '2026-01-01T00:00:00Z', reason: 'rolled back' }
    await developer.create(application(mine.project, 'governed', { mode: 'governed', hold }))
    const edit = (client: KubeClient, spec: object) => change(client, 'Application', 'governed', spec)
    for (const spec of [{ mode: 'direct' }, { hold: { ...hold, reason: 'mine' } }])
      await refused(edit(operator, spec), /An operator pauses|who may write Plans/)
    await edit(operator, { paused: true })
    await edit(operator, { hold: null })
    await refused(edit(operator, { hold }), /An operator pauses/)
    await edit(hub.client, { hold })
    await edit(developer, { hold: null })
    await edit(hub.client, { hold })
    await edit(inProject('admin'), { hold: null, mode: 'direct' })
  })

  test('only who may write plans takes an application out of governed mode', async () => {
    await developer.create(application(mine.project, 'gated', { mode: 'governed' }))
    const edit = (client: KubeClient, spec: object) => change(client, 'Application', 'gated', spec)
    for (const mode of ['direct', null]) await refused(edit(developer, { mode }), /who may write Plans/)
    await refused(
      developer.apply(application(mine.project, 'gated', { mode: 'direct' }), { fieldManager: 'x', force: true }),
      /who may write Plans/,
    )
    await edit(developer, { maxConcurrency: 2 })
    for (const client of [inProject('admin'), role('admin'), as(platformGroup('admin')), hub.client]) {
      await edit(client, { mode: 'direct' })
      await edit(developer, { mode: 'governed' })
    }
    const gated = { ...kindRef('Application'), namespace: mine.project, name: 'gated' }
    await refused(developer.delete(gated), /deleted only by who may write Plans/)
    // to govern is no right of its own, and to write a Plan is all that it takes
    await grantByHand(mine.project, projectGroup(mine.uid, 'developer'), ['plans'], ['update'])
    await edit(developer, { mode: 'direct' })
    await edit(developer, { mode: 'governed' })
    await developer.delete(gated)
  })

  test('a namespace that goes takes along what nobody may delete', async () => {
    const name = `gone-${hub.suffix}`
    const managed = { 'flotilla.dev/managed': 'project' }
    const namespace = `pj-${name}`
    const made = await hub.make({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: managed } })
    await inPhase(await hub.client.create(release('r', {}, namespace)), 'Active')
    await hub.client.create(rollout('r', {}, namespace))
    await as(platformGroup('admin')).create(approval('r', ada, namespace))
    await hub.client.delete(refOf(made))
    await until('the namespace is gone', async () => (await hub.client.find(refOf(made))) === undefined)
  })
})
