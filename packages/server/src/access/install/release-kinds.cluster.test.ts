import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { apiVersion, asFlotillaError, type KubeObject, platformGroup } from '@flotilla/model'
import { application, type Hub, makeTenant, openHub } from '../../testing/open-hub.ts'

/** As those of the other kinds: what holds whoever writes. */
describe('the kinds by which releases go out, on a real API server', () => {
  let hub: Hub
  let tenant: { workspace: string; project: string }
  before(async () => {
    hub = await openHub()
    tenant = await makeTenant(hub, `release-kinds-${hub.suffix}`)
  })
  after(async () => hub[Symbol.asyncDispose]())

  const accepts = (object: KubeObject): Promise<KubeObject> =>
    hub.client.create(object, { dryRun: true, fieldValidation: 'Strict' })
  async function refuses(object: KubeObject, words: RegExp): Promise<void> {
    await assert.rejects(accepts(object), (thrown: unknown) => {
      const { code, message } = asFlotillaError(thrown)
      assert.equal(code, 'kube.invalid', message)
      assert.match(message, words)
      return true
    })
  }
  const app = (spec: Record<string, unknown>, name = 'web'): KubeObject => application(tenant.project, name, spec)

  const release = (spec: object, name = `r-${hub.suffix}`): KubeObject => ({
    apiVersion,
    kind: 'Release',
    metadata: { name, namespace: tenant.project },
    spec: { application: 'web', authors: ['flotilla:user:ada'], ...spec },
  })
  const of = (kind: string, spec: object, name = `one-${hub.suffix}`): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name, namespace: tenant.project },
    spec,
  })
  /** An update that is asked for and not kept. */
  const becomes = (object: KubeObject, spec: object): Promise<KubeObject> =>
    hub.client.update({ ...object, spec: { ...(object['spec'] as object), ...spec } }, { dryRun: true })
  const refusesToBecome = (object: KubeObject, spec: object, words: RegExp) =>
    assert.rejects(becomes(object, spec), (thrown: unknown) => words.test(asFlotillaError(thrown).message))

  test('a release is a draft until it is frozen, and then never another', async () => {
    await accepts(release({ components: [{ name: 'web', version: '1.2.3', images: { nginx: 'nginx:2' } }] }))
    await refuses(release({ authors: [] }), /authors/)
    await refuses(release({ rejected: { by: 'flotilla:user:ada' } }), /reason/)
    await refuses(release({ components: [{ name: 'web' }, { name: 'web' }] }), /Duplicate value/)
    await refuses(release({ digest: 'x' }), /unknown field/)
    await refuses(release({}, 'a.b'), /DNS label/)
    const draft = await hub.make(release({ title: 'one' }, `draft-${hub.suffix}`))
    await becomes(draft, { title: 'two', freeze: true })
    await refusesToBecome(draft, { application: 'other' }, /application cannot change/)
    const frozen = await hub.make(release({ title: 'one', freeze: true }, `frozen-${hub.suffix}`))
    for (const spec of [
      { freeze: false },
      { title: 'two' },
      { notes: 'more' },
      { tickets: ['1'] },
      { authors: ['flotilla:user:eve'] },
      { components: [{ name: 'web', version: '2' }] },
      { copiedFrom: { cluster: 'east', namespace: 'shop' } },
    ])
      await refusesToBecome(frozen, spec, /a frozen Release never changes/)
    const rejected = { by: 'flotilla:user:ada', reason: 'broken' }
    const over = await hub.client.update({ ...frozen, spec: { ...(frozen['spec'] as object), rejected } })
    await refusesToBecome(over, { rejected: { ...rejected, reason: 'no' } }, /stays rejected/)
    await refusesToBecome(over, { rejected: undefined }, /stays rejected/)
  })

  test('a plan has steps of one form each, times that there are, and bounds', async () => {
    const plan = (stage: object, more: object = {}) => of('Plan', { stages: [{ name: 'first', ...stage }], ...more })
    const step = (fields: object) => plan({ before: [{ name: 'look', ...fields }] })
    const { spec } = await accepts(plan({}, { windows: [{ days: ['Mon'], from: '22:00', to: '06:00' }] }))
    const { stages, timeZone, whenBusy } = spec as { stages: object[]; timeZone: string; whenBusy: string }
    assert.deepEqual([timeZone, whenBusy], ['UTC', 'Queue'])
    const filled = { targets: {}, order: 'Name', maxConcurrency: 5, maxFailures: 0, soakSeconds: 0 }
    const left = { deadlineSeconds: 86_400, onFailure: 'Pause', offline: 'Wait' }
    assert.deepEqual(stages, [{ name: 'first', ...filled, ...left }])
    const template = { spec: { containers: [{ name: 'migrate', image: 'shop:1', 'x-unknown': [1] }] } }
    const kept = await accepts(step({ job: { template, migration: {} } }))
    const [{ before }] = (kept['spec'] as { stages: [{ before: [{ job: { template: object; migration: object } }] }] })
      .stages
    assert.deepEqual(before[0].job.template, template)
    assert.deepEqual(before[0].job.migration, { reversible: true, idempotent: false })
    for (const form of [
      { wait: { seconds: 5 } },
      { approval: {} },
      { test: { helm: { component: 'web' } } },
      { webhook: { url: 'https://hooks.example/go' } },
      { analysis: { http: { url: 'http://web/health' } } },
      { analysis: { prometheus: { url: 'http://prom', query: 'up' }, min: 0.5 } },
    ])
      await accepts(step(form))
    await refuses(step({}), /exactly one of job/)
    await refuses(step({ wait: { seconds: 5 }, approval: {} }), /exactly one of job/)
    await refuses(step({ test: {} }), /exactly one of job, helm/)
    await refuses(step({ test: { helm: { component: 'web' }, job: { template } } }), /exactly one of job, helm/)
    await refuses(step({ analysis: { prometheus: { url: 'http://prom', query: 'up' } } }), /needs min, max or both/)
    await refuses(step({ analysis: { min: 1 } }), /exactly one of prometheus, http/)
    await refuses(step({ webhook: { url: 'file:///etc/passwd' } }), /url/)
    await refuses(step({ approval: { count: 0 } }), /count/)
    await refuses(step({ wait: { seconds: 5 }, on: [] }), /on/)
    await refuses(plan({ before: ['a', 'a'].map((name) => ({ name, approval: {} })) }), /Duplicate value/)
    await refuses(plan({}, { windows: [{ from: '25:00', to: '26:00' }] }), /windows/)
    await refuses(plan({}, { windows: [{ from: '8:00', to: '09:00' }] }), /windows/)
    await refuses(plan({}, { windows: [{ days: ['Monday'], from: '08:00', to: '09:00' }] }), /days/)
    await refuses(plan({}, { freezes: [{ from: 'yesterday', to: 'tomorrow', reason: 'x' }] }), /freezes/)
    await refuses(plan({ onFailure: 'Ignore' }), /onFailure/)
    await refuses(plan({ maxConcurrency: 0 }), /maxConcurrency/)
    await refuses(of('Plan', { stages: [] }), /stages/)
    await refuses(of('Plan', { stages: [{ name: 'a' }, { name: 'a' }] }), /Duplicate value/)
  })

  test('a rollout stays what it was started as', async () => {
    const author = 'flotilla:user:ada'
    const rollout = {
      application: 'web',
      release: 'r',
      plan: 'p',
      author,
      targets: [{ cluster: 'east', namespace: 'shop' }],
    }
    const { spec } = await accepts(of('Rollout', rollout))
    assert.deepEqual((spec as { control: object }).control, { resumed: 0, retries: [], skips: [], resolutions: [] })
    await accepts(of('Rollout', { ...rollout, rollback: { of: 'run', force: { reason: 'down' } } }))
    await refuses(of('Rollout', { ...rollout, targets: [] }), /targets/)
    await refuses(of('Rollout', { ...rollout, plan: undefined }), /plan/)
    await refuses(of('Rollout', { ...rollout, rollback: { of: 'run', force: {} } }), /reason/)
    await refuses(of('Rollout', { ...rollout, control: { skips: [{ id: 'a', by: author }] } }), /reason/)
    const made = await hub.make(of('Rollout', { ...rollout, reason: 'ticket 1' }))
    await becomes(made, { control: { paused: { by: author } } })
    for (const change of [
      { release: 's' },
      { plan: 'q' },
      { author: 'flotilla:user:eve' },
      { targets: undefined },
      { rollback: { of: 'run' } },
      { reason: 'ticket 2' },
      { reason: undefined },
    ])
      await refusesToBecome(made, change, /a Rollout is what it was started as/)
  })

  test('an approval and a version of a component never change', async () => {
    const approver = 'flotilla:user:test'
    const said = { release: 'r', digest: 'd', approver }
    await assert.rejects(accepts(of('Approval', { ...said, decision: 'Perhaps' })), /decision/)
    await assert.rejects(accepts(of('Approval', { release: 'r', approver })), /digest/)
    const someone = hub.client.as({ user: approver, groups: [platformGroup('admin')] })
    const approval = await someone.create(of('Approval', said))
    assert.equal((approval['spec'] as { decision: string }).decision, 'Approved')
    await refusesToBecome(approval, { decision: 'Rejected' }, /an Approval never changes/)
    await refusesToBecome(approval, { digest: 'e' }, /an Approval never changes/)
    const component = { application: 'web', component: 'web', definition: { type: 'helm', digest: 'd' } }
    await refuses(of('ComponentVersion', { ...component, definition: { type: 'tar', digest: 'd' } }), /type/)
    const made = await hub.make(of('ComponentVersion', component))
    await refusesToBecome(made, { images: { nginx: 'nginx:2' } }, /a ComponentVersion never changes/)
  })

  test('an application says how it is delivered, and why it is held', async () => {
    const hold = { since: '2026-01-01T00:00:00Z', reason: 'rolled back' }
    await accepts(app({ mode: 'governed', hold }))
    await refuses(app({ mode: 'loose' }), /mode/)
    await refuses(app({ hold: { since: hold.since } }), /reason/)
  })
})
