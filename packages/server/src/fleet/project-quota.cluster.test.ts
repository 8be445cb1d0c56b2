import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { asFlotillaError, group, type KubeObject, type Project, projectGroup } from '@flotilla/model'
import { openTarget, type TestTarget } from '../delivery/delivery/testing/open-target.ts'
import { until } from '../testing/until.ts'

const core = (kind: string) => ({ group: '', version: 'v1', kind })
const pause = 'registry.k8s.io/pause:3.9'

/** What people of a project, and whoever changes things behind our back, meet in a real cluster. */
describe('what a project may use, in a real cluster', () => {
  let target: TestTarget
  before(async () => {
    target = await openTarget()
  })
  after(() => target.close())

  const projectKey = () => ({ group, kind: 'Project', namespace: 'ws-retail', name: target.project })
  const writeProject = (spec: Record<string, unknown>) =>
    target.host.patch(projectKey(), { type: 'merge', body: { spec } })
  const readProject = () => target.host.get<KubeObject & Project>(projectKey())
  const targetsOf = (...names: string[]) => names.map((namespace) => ({ clusters: { names: ['east'] }, namespace }))
  const own = (kind: string, namespace = target.project) => ({ ...core(kind), namespace, name: 'flotilla' })
  const hardOf = async (namespace?: string) => {
    const quota = await target.member().find(own('ResourceQuota', namespace))
    return quota?.metadata.deletionTimestamp === undefined
      ? (quota?.['spec'] as { hard?: unknown } | undefined)?.hard
      : undefined
  }
  const isHard = (wanted: Record<string, string> | undefined, namespace?: string) =>
    until(`the quota is ${JSON.stringify(wanted)}`, async () => {
      const hard = await hardOf(namespace)
      try {
        assert.deepEqual(hard, wanted)
        return true
      } catch {
        return false
      }
    })
  const pod = (name: string, requests?: Record<string, string>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: target.project },
    spec: {
      containers: [{ name: 'main', image: pause, ...(requests === undefined ? {} : { resources: { requests } }) }],
    },
  })
  const refusal = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'it was taken',
      (thrown: unknown) => asFlotillaError(thrown).message,
    )

  test('its quota and limits are there, and pods beyond them are refused', async () => {
    await writeProject({
      quota: { hard: { 'requests.cpu': '300m', pods: '3' } },
      limits: { defaultRequest: { cpu: '100m' }, default: { cpu: '200m' }, max: { cpu: '250m' } },
    })
    await isHard({ 'requests.cpu': '300m', pods: '3' })
    await until('the limits are there', () => target.member().find(own('LimitRange')))
    const plain = await target.member().create(pod('plain'))
    const [container] = (plain['spec'] as { containers: { resources: unknown }[] }).containers
    assert.deepEqual(container?.resources, { limits: { cpu: '200m' }, requests: { cpu: '100m' } })
    assert.match(
      await refusal(target.member().create(pod('wide', { cpu: '260m' }))),
      /maximum cpu usage per Container is 250m|must be less than or equal to cpu limit/,
    )
    await target.member().create(pod('second', { cpu: '200m' }))
    assert.match(await refusal(target.member().create(pod('last', { cpu: '150m' }))), /exceeded quota: flotilla/)
  })

  test('what is used is in the status of the project', async () => {
    const said = await until('it is said', async () => {
      // whoever changes anything has it looked at at once
      await target.host.patch(projectKey(), {
        type: 'merge',
        body: { metadata: { annotations: { at: String(Date.now()) } } },
      })
      const [entry] = (await readProject()).status?.quota?.targets ?? []
      return entry?.used === undefined || entry.used['pods'] === '0' ? undefined : entry
    })
    assert.deepEqual(said.allocated, { 'requests.cpu': '300m', pods: '3' })
    assert.deepEqual(said.used, { 'requests.cpu': '300m', pods: '2' })
  })

  test('both are put back when somebody deletes or changes them', async () => {
    for (const kind of ['ResourceQuota', 'LimitRange']) {
      const { metadata } = await target.member().get(own(kind))
      await target.member().delete(own(kind))
      await until(`${kind} is made anew`, async () => {
        const uid = (await target.member().find(own(kind)))?.metadata.uid
        return uid !== undefined && uid !== metadata.uid
      })
    }
    const greedy = { spec: { hard: { 'requests.cpu': '100', pods: '100' } } }
    await target.member().patch(own('ResourceQuota'), { type: 'merge', body: greedy })
    await isHard({ 'requests.cpu': '300m', pods: '3' })
    const wide = { spec: { limits: [{ type: 'Container', max: { cpu: '64' } }] } }
    await target.member().patch(own('LimitRange'), { type: 'merge', body: wide })
    await until('the limits are put back', async () => {
      const { limits } = (await target.member().get(own('LimitRange')))['spec'] as {
        limits: { max?: { cpu?: string } }[]
      }
      return limits[0]?.max?.cpu === '250m'
    })
  })

  test('more that is asked for than there is changes nothing, and is said with figures', async () => {
    await writeProject({
      targets: [
        { clusters: { names: ['east'] }, quota: { hard: { 'requests.cpu': '200m' } } },
        {
          clusters: { names: ['east'] },
          namespace: `${target.project}-b`,
          quota: { hard: { 'requests.cpu': '200m' } },
        },
      ],
    })
    const condition = await until('it is said', async () =>
      (await readProject()).status?.conditions?.find(({ type }) => type === 'QuotaExceeded'),
    )
    assert.match(condition.message, /ask for 400m of requests\.cpu, project .* has 300m/)
    assert.equal(((await hardOf()) as Record<string, string>)['requests.cpu'], '300m')
    await isHard({ 'requests.cpu': '0', pods: '1' }, `${target.project}-b`)
    await writeProject({
      targets: [
        { clusters: { names: ['east'] }, quota: { hard: { 'requests.cpu': '200m' } } },
        { clusters: { names: ['east'] }, namespace: `${target.project}-b` },
      ],
    })
    await isHard({ 'requests.cpu': '200m', pods: '2' })
    await isHard({ 'requests.cpu': '100m', pods: '1' }, `${target.project}-b`)
    const { conditions = [] } = (await readProject()).status ?? {}
    assert.ok(!conditions.some(({ type }) => type === 'QuotaExceeded'))
  })

  test('an operator looks, deletes pods and scales, and neither execs nor edits', async () => {
    const uid = (await readProject()).metadata.uid ?? ''
    const as = target.member().as({ user: 'flotilla:user:test-omar', groups: [projectGroup(uid, 'operator')] })
    const ask = async (verb: string, resource: string, subresource?: string, apiGroup = '') => {
      const spec = { resourceAttributes: { namespace: target.project, verb, group: apiGroup, resource, subresource } }
      const review = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        metadata: { name: '' },
        spec,
      }
      return (((await as.create(review))['status'] ?? {}) as { allowed?: boolean }).allowed
    }
    assert.equal(await ask('get', 'pods', 'log'), true)
    assert.equal(await ask('patch', 'deployments', 'scale', 'apps'), true)
    assert.equal(await ask('patch', 'deployments', undefined, 'apps'), false)
    assert.equal(await ask('create', 'pods', 'exec'), false)
    assert.equal(await ask('get', 'secrets'), false)
    assert.equal(await ask('patch', 'resourcequotas'), false)
    await as.delete({ ...core('Pod'), namespace: target.project, name: 'plain' })
    const admin = target.member().as({ user: 'flotilla:user:test-ada', groups: [projectGroup(uid, 'admin')] })
    for (const kind of ['ResourceQuota', 'LimitRange'])
      assert.match(await refusal(admin.delete(own(kind))), /cannot delete/)
  })

  test('they go when they are taken out of the project', async () => {
    await writeProject({ quota: null, limits: null, targets: targetsOf(target.project, `${target.project}-b`) })
    await isHard(undefined)
    await isHard(undefined, `${target.project}-b`)
    await until('the limits are gone', async () => (await target.member().find(own('LimitRange'))) === undefined)
    await until('nothing is said of a quota', async () => (await readProject()).status?.quota === undefined)
    await writeProject({ targets: targetsOf(target.project) })
  })

  test('in a namespace that was there before they hold too, and leave with the project', async () => {
    const name = `${target.project}-old`
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, annotations: { 'flotilla.dev/adopt': target.project } },
    }
    await target.member().create(namespace)
    try {
      await writeProject({
        quota: { hard: { pods: '6' } },
        limits: { max: { cpu: '1' } },
        targets: [{ clusters: { names: ['east'] } }, { clusters: { names: ['east'] }, namespace: name }],
      })
      await isHard({ pods: '3' }, name)
      await writeProject({ targets: [{ clusters: { names: ['east'] } }] })
      await isHard(undefined, name)
      await until(
        'the limits are gone',
        async () => (await target.member().find(own('LimitRange', name))) === undefined,
      )
      await isHard({ pods: '6' })
      assert.equal((await target.member().get({ ...core('Namespace'), name })).metadata.deletionTimestamp, undefined)
    } finally {
      await target.member().delete({ ...core('Namespace'), name })
    }
  })
})
