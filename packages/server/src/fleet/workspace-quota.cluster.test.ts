import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  annotations,
  apiVersion,
  asFlotillaError,
  group,
  type KubeObject,
  parseQuantity,
  type Project,
  type Workspace,
} from '@flotilla/model'
import { openTarget, type TestTarget } from '../delivery/delivery/testing/open-target.ts'
import { until } from '../testing/until.ts'

const cpu = 'requests.cpu'

describe('what a workspace may use, over real clusters', () => {
  let target: TestTarget
  let workspace: string
  before(async () => {
    target = await openTarget()
    workspace = `dep-${target.project.slice(4)}`
    await target.host.create(workspaceObject('20'))
    await until('its namespace says what is free', async () => (await free()) === `${cpu}=20 of 20`)
  })
  after(async () => {
    for (const { metadata } of target.server.state.projects.list(`ws-${workspace}`))
      await target.host.delete({ group, kind: 'Project', namespace: `ws-${workspace}`, name: metadata.name })
    const key = { group, kind: 'Workspace', name: workspace }
    await target.host.delete(key)
    await until('the workspace is gone', async () => (await target.host.find(key)) === undefined)
    await target.close()
  })

  const workspaceObject = (amount: string): KubeObject => ({
    apiVersion,
    kind: 'Workspace',
    metadata: { name: workspace },
    spec: { quota: { hard: { [cpu]: amount } } },
  })
  const namespaceKey = () => ({ group: '', kind: 'Namespace', name: `ws-${workspace}` })
  const free = async () => (await target.host.find(namespaceKey()))?.metadata.annotations?.[annotations.quotaFree]
  const nameOf = (short: string) => `${workspace}-${short}`
  const keyOf = (short: string) => ({ group, kind: 'Project', namespace: `ws-${workspace}`, name: nameOf(short) })
  const create = (short: string, amount: string) =>
    target.host.create({
      apiVersion,
      kind: 'Project',
      metadata: { name: nameOf(short), namespace: `ws-${workspace}` },
      spec: { targets: [{ clusters: { names: ['east'] } }], quota: { hard: { [cpu]: amount } } },
    })
  const ask = (short: string, amount: string) =>
    target.host.patch(keyOf(short), { type: 'merge', body: { spec: { quota: { hard: { [cpu]: amount } } } } })
  const allowed = async (short: string) => {
    const key = { group: '', kind: 'ResourceQuota', namespace: nameOf(short), name: 'flotilla' }
    const hard = ((await target.member().find(key))?.['spec'] as { hard?: Record<string, string> } | undefined)?.hard
    return hard === undefined ? undefined : parseQuantity(hard[cpu])
  }
  const has = (short: string, amount: number) =>
    until(
      `${short} has ${amount}`,
      async () => (await allowed(short)) === amount,
      30,
      () => allowed(short),
    )

  test('is shared by its projects: each has what it asks for, and beyond it is refused with figures', async () => {
    await create('a', '8')
    await has('a', 8)
    await until('12 are free', async () => (await free()) === `${cpu}=12 of 20`)
    await assert.rejects(create('b', '13'), (thrown: unknown) => {
      assert.match(asFlotillaError(thrown).message, /asks for 13 of requests\.cpu, 12 are free of 20 \(workspace dep-/)
      return true
    })
    await create('b', '4')
    await has('b', 4)
    const { status } = await target.host.get<KubeObject & Workspace>({ group, kind: 'Workspace', name: workspace })
    assert.deepEqual(status?.quota?.allocated, { [cpu]: '12' })
    assert.deepEqual(
      status?.quota?.projects?.map(({ project, granted }) => [project, granted[cpu]]),
      [
        [nameOf('a'), '8'],
        [nameOf('b'), '4'],
      ],
    )
  })

  test('what says how much is free is put back when somebody changes it', async () => {
    const body = { metadata: { annotations: { [annotations.quotaFree]: `${cpu}=99 of 99` } } }
    await target.host.patch(namespaceKey(), { type: 'merge', body })
    await until('it is put back', async () => (await free()) === `${cpu}=8 of 20`)
  })

  test('of two that ask for the rest at the same moment the older one has it, and the other keeps what it had', async () => {
    await until('8 are free', async () => (await free()) === `${cpu}=8 of 20`)
    // while no server runs, what is free stays as it is: both pass the host's admission
    await target.restart(async () => {
      await ask('b', '12')
      await ask('a', '16')
    })
    await has('a', 16)
    await has('b', 4)
    const condition = await until('it is said', async () => {
      const { status } = await target.host.get<KubeObject & Project>(keyOf('b'))
      return status?.conditions?.find(({ type }) => type === 'QuotaExceeded')
    })
    assert.match(condition.message, /asks for 12 of requests\.cpu, and of 20 of workspace dep-.* 20 are given/)
  })

  test('is not lowered below what its projects have, and what they give back is free again', async () => {
    const lower = (amount: string) =>
      target.host.patch(
        { group, kind: 'Workspace', name: workspace },
        { type: 'merge', body: { spec: { quota: { hard: { [cpu]: amount } } } } },
      )
    await assert.rejects(lower('19'), (thrown: unknown) => {
      assert.match(asFlotillaError(thrown).message, /19 of requests\.cpu is less than the 20 that its projects have/)
      return true
    })
    await ask('a', '6')
    await ask('b', '4')
    await has('a', 6)
    await has('b', 4)
    await until('10 are free', async () => (await free()) === `${cpu}=10 of 20`)
    await lower('12')
    await until('2 are free', async () => (await free()) === `${cpu}=2 of 12`)
    await target.host.delete(keyOf('b'))
    await until('its share is free', async () => (await free()) === `${cpu}=6 of 12`)
  })
})
