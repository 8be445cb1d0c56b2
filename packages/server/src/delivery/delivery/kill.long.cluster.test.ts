import assert from 'node:assert/strict'
import { cp, rm } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { apiVersion, group, projectNamespace, workspaceNamespace } from '@flotilla/model'
import { createKills } from './testing/create-kills.ts'
import { openTarget, type TestTarget } from './testing/open-target.ts'
import { type LeasedServer, startLeased } from './testing/start-leased.ts'
import { until } from '../../testing/until.ts'
import { readField } from './testing/read-field.ts'

/** Between every two writes of a first installation ... */
const ofInstalls = [
  'delivery-status-written:5',
  'delivery-hook-removed',
  'delivery-finalizer-written',
  'delivery-status-written',
  'delivery-status-written:3',
  'delivery-hook-intended',
  'delivery-hook-created',
  'delivery-hook-ended',
  'delivery-hook-let-go',
  'delivery-finishHook-done',
  'delivery-inventory-written',
  'delivery-object-applied',
  'delivery-apply-done',
  'delivery-record-created',
] as const
/** ... and those that only an upgrade passes. */
const ofUpgrades = [
  'delivery-object-applied',
  'delivery-object-pruned',
  'delivery-prune-done',
  'delivery-record-created',
  'delivery-record-superseded',
] as const

describe('a server killed between two writes, or paused', () => {
  let target: TestTarget
  let kills: ReturnType<typeof createKills>
  before(async () => {
    target = await openTarget({ withoutServer: true, podSecurity: 'privileged' })
    kills = createKills(target)
  })
  after(() => target.close())

  /** Kills at each point, in one delivery as long as it still comes to it, else in the next application's. */
  const killAt = async (points: readonly string[], round: string): Promise<string[]> => {
    const names: string[] = []
    const next = async (failpoint: string): Promise<string> => {
      const name = `k${names.length}`
      names.push(name)
      // nearly always the cluster itself takes a finished Job away first, unless the Job is to be kept
      await kills.write(name, round, failpoint === 'delivery-hook-removed' ? 600 : 0)
      return name
    }
    const settled = (name: string) => target.settled(name, { revision: Number(round), seconds: 180 })
    let name: string | undefined
    for (const failpoint of points) {
      const killed = name !== undefined && (await kills.serve(failpoint, settled(name)))
      if (killed) continue
      name = await next(failpoint)
      assert.equal(await kills.serve(failpoint, settled(name)), true, `the kill at ${failpoint} landed`)
    }
    await kills.serve(undefined, Promise.all(names.map(settled)))
    return names
  }

  test('a delivery converges, however often; every hook ran once for each version, nothing is there twice and nothing is lost', async () => {
    const installed = await killAt(ofInstalls, '1')
    for (const name of installed) await kills.check(name, ['1'])
    for (const name of await killAt(ofUpgrades, '2'))
      await kills.check(name, installed.includes(name) ? ['1', '2'] : ['2'])
  })

  test('makes a workspace, a project and its application whole, once, and takes them away whole', async () => {
    const { host } = target
    const name = `kill-${target.project}`
    const inWorkspace = workspaceNamespace(name)
    const inProject = projectNamespace(name)
    const make = (kind: string, spec: object, namespace?: string): Promise<unknown> =>
      host.create({ apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, spec })
    const find = (kind: string, namespace?: string) =>
      host.find({ group, kind, name, ...(namespace === undefined ? {} : { namespace }) })
    const killControllersAt = async (...points: readonly string[]): Promise<void> => {
      for (const failpoint of points) {
        const landed = await kills.serve(failpoint, wait(30_000, undefined, { ref: false }))
        assert.equal(landed, true, `the kill at ${failpoint} landed`)
      }
    }
    const inline = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`
    try {
      await make('Workspace', {})
      await killControllersAt('workspace.createNamespace')
      await make('Project', { targets: [{ clusters: { names: ['east'] } }] }, inWorkspace)
      // one in the host, and one in the member
      await killControllersAt('project.createNamespace', 'project.createNamespace')
      await make('Application', { components: [{ name: 'web', manifests: { inline } }] }, inProject)
      await killControllersAt('application-revision-appended', 'application-delivery-written')
      const isHealthy = async () =>
        readField(await find('Application', inProject), 'status', 'targets', 'healthy') === 1
      await kills.serve(undefined, until('it is delivered', isHealthy))
      assert.ok(await target.member().find({ group: '', kind: 'ConfigMap', name, namespace: name }))
      assert.equal(readField(await find('Application', inProject), 'status', 'revision'), 1)
      const { items } = await host.list({ group, kind: 'Delivery' }, { namespace: inProject })
      assert.equal(items.length, 1)
    } finally {
      // what fails half-way is taken away by the server that closes the target
      for (const [kind, namespace] of [
        ['Application', inProject],
        ['Project', inWorkspace],
        ['Workspace', undefined],
      ] as const)
        await host.delete({ group, kind, name, ...(namespace === undefined ? {} : { namespace }) }).catch(() => 'gone')
    }
    await killControllersAt('application-delivery-deleted', 'project.deleteNamespace')
    await kills.serve(
      undefined,
      until('the workspace is gone', async () => (await find('Workspace')) === undefined),
    )
    for (const [client, namespace] of [
      [host, inWorkspace],
      [host, inProject],
      [target.member(), name],
    ] as const) {
      const isGone = async () => (await client.find({ group: '', kind: 'Namespace', name: namespace })) === undefined
      await until(`${namespace} is gone`, isGone)
    }
  })

  test('one that was paused for longer than its lease writes nothing when it wakes, and ends; no hook runs twice', async () => {
    const copy = `${target.options.dataDir}-copy`
    const first = startLeased(target, { dataDir: target.options.dataDir })
    let second: LeasedServer | undefined
    try {
      await kills.write('paused', '1', 0, 3)
      await until('the hook runs', async () => (await kills.readRuns('paused')).length > 0)
      first.child.kill('SIGSTOP')
      // whoever believes that it is lost starts another on its backup
      await cp(target.options.dataDir, copy, { recursive: true })
      second = startLeased(target, { dataDir: copy })
      await target.settled('paused', { revision: 1 })
      await kills.write('paused', '2', 0)
      await target.settled('paused', { revision: 2 })
      const seen = async (): Promise<unknown[]> => [
        (await target.getDelivery('paused'))?.metadata.resourceVersion,
        (await target.find('ConfigMap', 'paused'))?.metadata.resourceVersion,
        (await target.find('ConfigMap', 'flotilla-inventory-paused'))?.metadata.resourceVersion,
      ]
      const before = await seen()
      first.child.kill('SIGCONT')
      assert.equal(await Promise.race([first.ended, wait(15_000, 'it goes on')]), 1, first.said())
      assert.match(first.said(), /delivery\.stale_writer/)
      assert.deepEqual(await seen(), before)
      assert.equal(second.child.exitCode, null, second.said())
      await kills.check('paused', ['1', '2'])
    } finally {
      for (const one of [first, second]) {
        one?.child.kill('SIGKILL')
        await one?.ended
      }
      await rm(copy, { recursive: true, force: true })
    }
  })
})
