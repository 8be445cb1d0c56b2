import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { until } from '../../testing/until.ts'
import { migratingChart } from './testing/migrating-chart.ts'
import { openRuns, type Runs } from './testing/open-runs.ts'

describe('rollouts of one application that overlap', { concurrency: true, timeout: 300_000 }, () => {
  let runs: Runs
  let chart: object
  before(async () => {
    runs = await openRuns({ also: '-b' })
    chart = await runs.target.pushChart('overlapping', '1.0.0', migratingChart(runs.record))
  })
  after(() => runs?.close())

  const both = (): string[] => [runs.target.project, `${runs.target.project}-b`]
  const areAt = async (name: string, version: string): Promise<void> => {
    for (const namespace of both()) assert.deepEqual(await runs.version(name, { namespace }), [version, version])
  }

  test('one that queues waits for the other and says for which, then goes; what migrated in the first does not in the second', async () => {
    await runs.bring('queue')
    await runs.freeze('queue', 'v2')
    await runs.freeze('queue', 'v3')
    const each = { before: [runs.migration('migrate', 'queue', 'sleep 5')] }
    await runs.plan('queue', { stages: [{ name: 'all', each }] })
    await runs.start('queue-v2-1', 'queue', 'queue')
    await until('it migrates', async () => (await runs.ran('queue')).length > 0)
    await runs.start('queue-v2-2', 'queue', 'queue')
    const queued = await runs.waitFor('queue-v2-2', 'queues', ({ reason }) => reason === 'Queued')
    assert.match(
      (await runs.waitFor('queue-v2-2', 'says', (one) => one.waitingFor !== 'its turn')).waitingFor ?? '',
      /the rollout queue-v2-1 to be done with east\//,
    )
    assert.deepEqual(queued.targets, [])
    await runs.start('queue-v3-1', 'queue', 'queue')
    const warned = await runs.waitFor('queue-v3-1', 'is warned', ({ findings }) => findings !== undefined)
    assert.equal(warned.findings?.[0]?.code, 'rollout.will_move')
    assert.equal((await runs.status('queue-v2-1')).phase, 'Running')
    await runs.ended('queue-v2-1')
    await runs.ended('queue-v2-2')
    assert.deepEqual(await runs.ran('queue'), both())
    // it was compared with what ran before both
    const { findings } = await runs.ended('queue-v3-1', 'Failed')
    assert.equal(findings?.[0]?.code, 'rollout.baseline_moved')
    await areAt('queue', 'v2')
  })

  test('one that replaces takes what the other has not finished, after the step that runs; a migration that both have runs once', async () => {
    await runs.bring('swap')
    await runs.freeze('swap', 'v2')
    await runs.freeze('swap', 'v3')
    const each = { before: [runs.migration('migrate', 'swap', 'sleep 5', { database: 'swap' })] }
    await runs.plan('swap', { whenBusy: 'Replace', stages: [{ name: 'all', maxConcurrency: 1, each }] })
    await runs.start('swap-v2-1', 'swap', 'swap')
    await until('it migrates', async () => (await runs.ran('swap')).length > 0)
    await runs.start('swap-v3-1', 'swap', 'swap')
    const waiting = await runs.waitFor(
      'swap-v3-1',
      'says for what',
      (one) => one.waitingFor?.includes('give up') === true,
    )
    assert.match(waiting.waitingFor ?? '', /the rollout swap-v2-1 to give up east\//)
    const { reason, targets } = await runs.ended('swap-v2-1', 'Aborted')
    assert.equal(reason, 'Replaced')
    assert.deepEqual(new Set(targets.map(({ takenBy }) => takenBy)), new Set(['swap-v3-1']))
    await runs.ended('swap-v3-1')
    assert.deepEqual(await runs.ran('swap'), [runs.target.project])
    await areAt('swap', 'v3')
  })

  test('a hook of a chart that migrates is neither skipped nor run twice nor left unfinished when another release takes its place while it runs', async () => {
    const write = (value: string, script: string) =>
      runs.write('hooked', {
        components: [{ name: 'hooked', helm: { chart }, values: { value, script, file: 'hooked' } }],
      })
    const freeze = async (version: string, script: string): Promise<void> => {
      await write(version, script)
      await runs.play.freeze(`hooked-${version}`, 'hooked')
    }
    await write('v1', 'true')
    await runs.bringRelease('hooked', 'v1')
    assert.deepEqual(await runs.ran('hooked'), both())
    await freeze('v2', 'sleep 6')
    await freeze('v3', 'sleep 6')
    await runs.plan('hooked', { whenBusy: 'Replace', stages: [{ name: 'all' }] })
    await runs.start('hooked-v2-1', 'hooked', 'hooked')
    await until('both migrate', async () => (await runs.ran('hooked')).length === 4)
    await runs.start('hooked-v3-1', 'hooked', 'hooked')
    await runs.ended('hooked-v2-1', 'Aborted')
    await runs.ended('hooked-v3-1')
    assert.deepEqual(await runs.ran('hooked'), [...both(), ...both()].toSorted())
    for (const namespace of both()) {
      const config = await runs.find('ConfigMap', 'hooked-config', { namespace })
      assert.deepEqual(config?.['data'], { value: 'v3' })
      const held = async () => (await runs.find('Job', 'hooked-migrate', { namespace }, 'batch'))?.metadata.finalizers
      await until('nothing holds its Job', async () => (await held()) === undefined)
    }
    const { uid = '' } = (await runs.target.getDelivery('hooked'))?.metadata ?? {}
    const logs = await runs.target.server.store.stepLogs.list(uid)
    assert.equal(logs.length, 2, 'its log is kept, once for each')
  })
})
