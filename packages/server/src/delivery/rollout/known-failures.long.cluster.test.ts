import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { group } from '@flotilla/model'
import { until } from '../../testing/until.ts'
import { readField } from '../delivery/testing/read-field.ts'
import { migratingChart } from './testing/migrating-chart.ts'
import { openRuns, type Runs } from './testing/open-runs.ts'

const by = 'flotilla:user:ann'

/** What users of the peers complain about: each is a test. */
describe('stages, hooks and rollback, as people meet them', { timeout: 400_000 }, () => {
  let runs: Runs
  let chart: object
  before(async () => {
    runs = await openRuns({ also: '-b' })
    chart = await runs.target.pushChart('known', '1.0.0', migratingChart(runs.record))
  })
  after(() => runs?.close())

  const places = () => [runs.target.project, `${runs.target.project}-b`].map((namespace) => ({ namespace }))
  const all = (name: string, rest: object = {}) => runs.plan(name, { stages: [{ name: 'all', ...rest }] })
  const areAt = async (name: string, version: string): Promise<void> => {
    for (const place of places()) assert.deepEqual(await runs.version(name, place), [version, version])
  }
  const deployment = (tag: string): object => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'back' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'back' } },
      template: {
        metadata: { labels: { app: 'back' } },
        spec: { containers: [{ name: 'main', image: `registry.example/back:${tag}` }] },
      },
    },
  })
  const imageAt = async (place: { namespace: string }): Promise<unknown> => {
    const found = await runs.find('Deployment', 'back', place, 'apps')
    const containers = readField(found, 'spec', 'template', 'spec', 'containers')
    return Array.isArray(containers) ? readField(containers[0], 'image') : undefined
  }

  describe('side by side', { concurrency: true }, () => {
    test('a rollback takes the ConfigMap back with the image, and what was added and removed; nothing goes out over it by itself until the hold is lifted', async () => {
      await runs.writeVersion('back', 'v1', {}, deployment('1'))
      await runs.bringRelease('back', 'v1')
      await runs.freeze('back', 'v2', {}, deployment('2'))
      await all('back')
      await runs.start('back-v2-1', 'back', 'back')
      await runs.ended('back-v2-1')
      await areAt('back', 'v2')
      for (const place of places()) assert.equal(await imageAt(place), 'registry.example/back:2')

      await runs.start('back-v2-2', 'back', 'back', { rollback: { of: 'back-v2-1' }, reason: 'Orders are lost' })
      await runs.ended('back-v2-2', 'RolledBack')
      const isBack = async (): Promise<void> => {
        await areAt('back', 'v1')
        for (const place of places()) assert.equal(await imageAt(place), 'registry.example/back:1')
      }
      await isBack()
      assert.match((await runs.play.getApplication('back')).spec.hold?.reason ?? '', /Orders are lost/)
      await runs.play.waitFor('back-v2', 'went back', ({ phase }) => phase === 'RolledBack')

      // all that acts by itself is made to act
      await runs.start('back-v2-3', 'back', 'back')
      await runs.waitFor('back-v2-3', 'is held', ({ phase, reason }) => phase === 'Pending' && reason === 'Held')
      await runs.writeVersion('back', 'v3', {}, deployment('3'))
      await runs.target.sync('back')
      const [first] = places()
      assert.ok(first)
      const key = { group: '', kind: 'ConfigMap', name: 'back-config', namespace: first.namespace }
      await runs.target.member().patch(key, { type: 'merge', body: { data: { version: 'v2' } } })
      const drifted = async () =>
        readField(await runs.find('ConfigMap', 'back-config', first), 'data', 'version') === 'v1'
      await until('what somebody changed by hand is as the rollback left it', drifted)
      await wait(3_000)
      await isBack()
      assert.equal((await runs.status('back-v2-3')).reason, 'Held')

      const application = { group, kind: 'Application', namespace: runs.target.namespace, name: 'back' }
      await runs.target.host.patch(application, { type: 'merge', body: { spec: { hold: null } } })
      await runs.ended('back-v2-3')
      await areAt('back', 'v2')
    })

    test('a hook that hangs after half of a release was applied is ended in its time, and the stage goes back by policy; what was not begun is not touched', async () => {
      // the migration before it has to end in the same time, also on a machine with much to do
      const write = (value: string, last: string, hookTimeoutSeconds: number) => {
        const values = { value, last, file: 'half' }
        return runs.write('half', { components: [{ name: 'half', helm: { chart }, values, hookTimeoutSeconds }] })
      }
      await write('v1', '', 120)
      await runs.bringRelease('half', 'v1')
      await write('v2', 'sleep 600', 25)
      await runs.play.freeze('half-v2', 'half')
      await all('half', { maxConcurrency: 1, onFailure: 'RollbackStage' })
      const values = () =>
        Promise.all(
          places().map(async (place) => readField(await runs.find('ConfigMap', 'half-config', place), 'data', 'value')),
        )
      await runs.start('half-v2-1', 'half', 'half')
      await until('it is half applied', async () => (await runs.ran('half-last')).length > 0)
      assert.deepEqual(await values(), ['v2', 'v1'])
      const { reason, targets, message } = await runs.ended('half-v2-1', 'Failed')
      assert.equal(reason, 'StageRolledBack')
      assert.match(message ?? '', /half-last/)
      assert.deepEqual(
        targets.map(({ phase, writtenAt }) => [phase, writtenAt !== undefined]),
        [
          ['RolledBack', true],
          ['Skipped', false],
        ],
      )
      assert.deepEqual(await values(), ['v1', 'v1'])
      assert.deepEqual(await runs.ran('half-last'), [runs.target.project], 'it ran once')
      const pods = async (): Promise<number> => {
        const options = { namespace: runs.target.project, labelSelector: 'job-name=half-last' }
        const { items } = await runs.target.member().list({ group: '', version: 'v1', kind: 'Pod' }, options)
        return items.filter((pod) => readField(pod, 'status', 'phase') === 'Running').length
      }
      await until('it runs no more', async () => (await pods()) === 0)
    })

    test('a step that hangs is ended in its time and pauses the run; what was done is not done again when it is tried again', async () => {
      await runs.bring('hangs')
      await runs.freeze('hangs', 'v2')
      const migration = runs.migration('migrate', 'hangs-migrate')
      const hang = 'test $(grep -c "^$NAMESPACE$" /record/hangs-step) -gt 1 || sleep 600'
      const step = { ...runs.job('prepare', 'hangs-step', hang), timeoutSeconds: 5 }
      await all('hangs', { maxConcurrency: 1, each: { before: [migration, step] } })
      await runs.start('hangs-v2-1', 'hangs', 'hangs')
      const paused = await runs.waitFor('hangs-v2-1', 'pauses', ({ phase }) => phase === 'Paused')
      assert.equal(paused.reason, 'StageFailed')
      assert.match(paused.message ?? '', /prepare/)
      assert.ok(paused.waitingSince)
      await areAt('hangs', 'v1')
      for (const [index, { namespace }] of places().entries()) {
        const target = { cluster: 'east', namespace }
        await runs.waitFor(
          'hangs-v2-1',
          'pauses there',
          ({ phase, targets }) => phase === 'Paused' && targets[index]?.phase === 'Failed',
        )
        const { spec } = await runs.get('hangs-v2-1')
        await runs.ask('hangs-v2-1', { retries: [...spec.control.retries, { id: `again-${index}`, by, target }] })
      }
      await runs.ended('hangs-v2-1')
      await areAt('hangs', 'v2')
      const names = places().map(({ namespace }) => namespace)
      assert.deepEqual(await runs.ran('hangs-migrate'), names)
      assert.deepEqual(await runs.ran('hangs-step'), [...names, ...names].toSorted())
    })

    test('a migration whose pod is evicted stops the run for a person, and goes on without a run when they say that it succeeded', async () => {
      await runs.bring('evicted')
      await runs.freeze('evicted', 'v2')
      const before = [runs.migration('evicted', 'evicted', 'sleep 600', { database: 'evicted' })]
      await all('evicted', { before })
      await runs.start('evicted-v2-1', 'evicted', 'evicted')
      const { metadata } = await runs.runningPod('evicted')
      await until('it began', async () => (await runs.ran('evicted')).length === 1)
      await runs.target.member().evict({ namespace: runs.target.project, name: metadata.name })
      const paused = await runs.waitFor('evicted-v2-1', 'pauses', ({ phase }) => phase === 'Paused')
      assert.equal(paused.reason, 'StepUncertain')
      assert.match(paused.waitingFor ?? '', /a person to say how the step evicted/)
      await runs.ask('evicted-v2-1', { retries: [{ id: 'again', by, stage: 'all' }] })
      await wait(4_000)
      assert.equal((await runs.status('evicted-v2-1')).reason, 'StepUncertain', 'it still needs a person')
      assert.deepEqual(await runs.ran('evicted'), [runs.target.project])
      await areAt('evicted', 'v1')
      const step = { stage: 'all', step: 'evicted' }
      const resolution = { id: 'seen', by, reason: 'the table is there', step, outcome: 'Succeeded' }
      await runs.ask('evicted-v2-1', { resolutions: [resolution] })
      await runs.ended('evicted-v2-1')
      await areAt('evicted', 'v2')
      assert.deepEqual(await runs.ran('evicted'), [runs.target.project], 'it ran once')
    })
  })

  test('a migration that ends while nobody looks is found with its outcome, also where its Job is deleted meanwhile; it is not run again', async () => {
    const { target } = runs
    const names = places().map(({ namespace }) => namespace)
    const write = (value: string, script: string) => {
      const values = { value, script, file: 'unseen' }
      return runs.write('unseen', { components: [{ name: 'unseen', helm: { chart }, values }] })
    }
    await write('v1', 'true')
    await runs.bringRelease('unseen', 'v1')
    await write('v2', 'sleep 4')
    await runs.play.freeze('unseen-v2', 'unseen')
    const each = { before: [runs.migration('unseen', 'unseen-step', 'sleep 4')] }
    await all('unseen', { each })
    await runs.start('unseen-v2-1', 'unseen', 'unseen')
    await until('the step migrates', async () => (await runs.ran('unseen-step')).length === 2)
    await target.restart(async () => {
      for (const namespace of names) {
        const options = { namespace, labelSelector: `${group}/step=unseen` }
        const list = () => target.member().list({ group: 'batch', version: 'v1', kind: 'Job' }, options)
        const isDone = async () => (await list()).items.every((job) => readField(job, 'status', 'succeeded') === 1)
        await until('it is done', isDone)
      }
    })
    await until('the hook migrates', async () => (await runs.ran('unseen')).length === 4)
    const hook = (namespace: string) => runs.find('Job', 'unseen-migrate', { namespace }, 'batch')
    await target.restart(async () => {
      for (const namespace of names) {
        await until('it is done', async () => readField(await hook(namespace), 'status', 'succeeded') === 1)
        assert.equal(readField(await hook(namespace), 'spec', 'ttlSecondsAfterFinished'), 600, 'long enough to be seen')
        await target.member().delete({ group: 'batch', kind: 'Job', namespace, name: 'unseen-migrate' })
        await until('it was to be gone', async () => (await hook(namespace))?.metadata.deletionTimestamp !== undefined)
      }
    })
    await runs.ended('unseen-v2-1')
    assert.deepEqual(await runs.ran('unseen-step'), names)
    assert.deepEqual(await runs.ran('unseen'), [...names, ...names].toSorted(), 'once for each version')
    for (const namespace of names) {
      assert.deepEqual((await runs.find('ConfigMap', 'unseen-config', { namespace }))?.['data'], { value: 'v2' })
      await until('no Job is left', async () => (await hook(namespace)) === undefined)
    }
  })
})
