import { after, describe, test } from 'node:test'
import { annotations, apiVersion, asFlotillaError, platformGroup } from '@flotilla/model'
import { kindRef } from '../../testing/open-hub.ts'
import { until } from '../../testing/until.ts'
import { openTenancy, project, refused } from './testing/open-tenancy.ts'

describe('quotas at the admission of the host', async () => {
  const { hub, mine, as, role, inProject } = await openTenancy()
  after(() => hub[Symbol.asyncDispose]())

  test('a quota has amounts of what a ResourceQuota limits, whole where things are counted', async () => {
    const written = (spec: Record<string, unknown>) =>
      hub.client.create(project(mine.workspace, `quota-${hub.suffix}`, spec), {
        dryRun: true,
        fieldValidation: 'Strict',
      })
    const hard = {
      'requests.cpu': '10',
      'limits.memory': '1.5Gi',
      pods: '20',
      'count/jobs.batch': '5',
      'requests.nvidia.com/gpu': '2',
    }
    const target = (own: Record<string, string>) => [{ clusters: {}, quota: { hard: own } }]
    await written({ quota: { hard }, targets: target({ 'requests.cpu': '2500m' }) })
    await refused(written({ quota: { hard: { cpu: '1' } } }), /names what a ResourceQuota limits/)
    await refused(written({ quota: { hard: { 'count/Jobs': '1' } } }), /names what a ResourceQuota limits/)
    await refused(written({ targets: target({ 'requests.gpu': '1' }) }), /names what a ResourceQuota limits/)
    await refused(written({ quota: { hard: { pods: '1500m' } } }), /whole numbers/)
    for (const amount of ['-1', '1Kib', '1 Gi', 'ten', '1e', '', '.'])
      await refused(written({ quota: { hard: { 'requests.cpu': amount } } }), /requests\.cpu/)
    await refused(written({ quota: { hard }, targets: target({ 'requests.cpu': '10001m' }) }), /of which it is a part/)
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`count/a${at}`, '1']))
    await refused(written({ quota: { hard: many } }), /at most 32/)
  })

  test('a project asks for no more than its workspace has free, and names a share of all that is bounded', async () => {
    const bounds = (text: string | null) =>
      hub.client.patch(
        { group: '', kind: 'Namespace', name: mine.workspace },
        { type: 'merge', body: { metadata: { annotations: { [annotations.quotaFree]: text } } } },
      )
    const name = `share-${hub.suffix}`
    const key = { ...kindRef('Project'), namespace: mine.workspace, name }
    const hard = (amounts: Record<string, string | null>) => ({ quota: { hard: amounts } })
    const change = (amounts: Record<string, string | null>) =>
      role('admin').patch(key, { type: 'merge', body: { spec: hard(amounts) } })
    await bounds('limits.memory=1Gi of 8Gi,requests.cpu=4 of 40')
    try {
      const create = (amounts: Record<string, string>, dryRun = false) =>
        role('admin').create(project(mine.workspace, name, hard(amounts)), { dryRun })
      await until('the bounds are seen', async () =>
        create({}, true).then(
          () => false,
          (thrown: unknown) =>
            /names no share of limits\.memory, of which 1Gi are free of 8Gi/.test(asFlotillaError(thrown).message),
        ),
      )
      await refused(create({ 'requests.cpu': '1' }), /names no share of limits\.memory/)
      await refused(
        create({ 'requests.cpu': '12', 'limits.memory': '1Gi' }),
        new RegExp(`asks for 12 of requests\\.cpu, 4 are free of 40 \\(workspace ${mine.workspace.slice(3)}\\)`),
      )
      await refused(create({ 'requests.cpu': '4001m', 'limits.memory': '1Gi' }), /4 are free of 40/)
      await create({ 'requests.cpu': '4', 'limits.memory': '1024Mi', pods: '1000' })
      await bounds('limits.memory=0 of 8Gi,requests.cpu=-2 of 40')
      await until('the new bounds are seen', async () =>
        change({ 'requests.cpu': '9' }).then(
          () => false,
          (thrown: unknown) =>
            /asks for 9 of requests\.cpu, -2 are free of 40 beside its own 4/.test(asFlotillaError(thrown).message),
        ),
      )
      await change({ 'requests.cpu': '3', pods: '2000' })
      await refused(change({ 'requests.cpu': '4' }), /-2 are free of 40 beside its own 3/)
      await refused(change({ 'requests.cpu': null }), /names no share of requests\.cpu/)
      await refused(role('admin').patch(key, { type: 'merge', body: { spec: { quota: null } } }), /names no share/)
      // what does not touch the spec is no matter of the quota
      await bounds('count/jobs.batch=5 of 5,limits.memory=0 of 8Gi,requests.cpu=-2 of 40')
      await role('admin').patch(key, { type: 'merge', body: { metadata: { annotations: { note: 'mine' } } } })
    } finally {
      await bounds(null)
    }
  })

  test("a workspace keeps what its projects have; its quota, and what says how much is free, are the platform's", async () => {
    const name = `bounded-${hub.suffix}`
    const workspace = {
      apiVersion,
      kind: 'Workspace',
      metadata: { name },
      spec: { quota: { hard: { 'requests.cpu': '40' } } },
    }
    const created = await hub.make(workspace)
    const given = { hard: { 'requests.cpu': '40' }, allocated: { 'requests.cpu': '36' } }
    await hub.client.replaceStatus({ ...created, status: { quota: given } })
    const key = { ...kindRef('Workspace'), name }
    const lower = (amount: string, client = as(platformGroup('admin'))) =>
      client.patch(key, { type: 'merge', body: { spec: { quota: { hard: { 'requests.cpu': amount } } } } })
    await refused(lower('35'), /35 of requests\.cpu is less than the 36 that its projects have/)
    await lower('36')
    await lower('50')
    await refused(lower('many'), /requests\.cpu/)
    await refused(lower('60', role('admin')), /cannot patch/)
    await refused(
      hub.client.create({ ...workspace, spec: { quota: { hard: { cpu: '1' } } } }, { dryRun: true }),
      /names what/,
    )
    const namespace = { group: '', kind: 'Namespace', name: mine.workspace }
    const free = { metadata: { annotations: { [annotations.quotaFree]: 'requests.cpu=99 of 99' } } }
    for (const tenant of [role('admin'), inProject('admin'), as(platformGroup('admin'))])
      await refused(tenant.patch(namespace, { type: 'merge', body: free }), /cannot patch/)
    const status = { ...created, status: { quota: { hard: {}, allocated: {} } } }
    for (const tenant of [role('admin'), as(platformGroup('admin'))])
      await refused(tenant.replaceStatus(status), /workspaces\/status/)
    const own = {
      apiVersion,
      kind: 'Project',
      metadata: { name: 'x', namespace: mine.workspace },
      spec: { targets: [] },
    }
    await refused(role('admin').replaceStatus(own), /projects\/status/)
  })

  test('limits of containers are in their order', async () => {
    const written = (limits: Record<string, unknown>) =>
      hub.client.create(project(mine.workspace, `limits-${hub.suffix}`, { limits }), {
        dryRun: true,
        fieldValidation: 'Strict',
      })
    await written({ defaultRequest: { cpu: '100m' }, default: { cpu: '0.1' }, max: { cpu: '2', memory: '1Gi' } })
    await refused(written({ defaultRequest: { cpu: '2' }, default: { cpu: '1' } }), /spec\.limits/)
    await refused(written({ default: { memory: '2Gi' }, max: { memory: '1Gi' } }), /spec\.limits/)
    await refused(written({ defaultRequest: { memory: '2Gi' }, max: { memory: '1Gi' } }), /spec\.limits/)
    await refused(written({ max: { pods: '1' } }), /unknown field/)
  })
})
