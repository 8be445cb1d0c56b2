import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createKills } from './testing/create-kills.ts'
import { openTarget, type TestTarget } from './testing/open-target.ts'

/** Between every two writes of a first installation ... */
const ofInstalls = [
  'delivery-status-written:5',
  'delivery-hook-removed',
  'delivery-finalizer-written',
  'delivery-status-written',
  'delivery-hook-created',
  'delivery-hook-let-go',
  'delivery-finishHook-done',
  'delivery-inventory-written',
  'delivery-object-applied',
  'delivery-apply-done',
  'delivery-record-created',
] as const
/** ... and those that only an upgrade passes. */
const ofUpgrades = ['delivery-object-pruned', 'delivery-prune-done', 'delivery-record-superseded'] as const

describe('a server killed between two writes', () => {
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

  test('converges, however often; every hook ran once for each version, nothing is there twice and nothing is lost', async () => {
    const installed = await killAt(ofInstalls, '1')
    for (const name of installed) await kills.check(name, ['1'])
    for (const name of await killAt(ofUpgrades, '2'))
      await kills.check(name, installed.includes(name) ? ['1', '2'] : ['2'])
  })
})
