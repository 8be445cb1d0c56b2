import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { asFlotillaError, type Delivery, fieldManager, group } from '@flotilla/model'
import { readField, type StepInHand, type StepSight } from '@flotilla/reconcile'
import { until } from '../../../testing/until.ts'
import type { TestTarget } from '../../delivery/testing/open-target.ts'
import type { StepContext } from './step-runner.ts'
import type { StepRunners } from './step-runners.ts'
import { openStepRunners, type StepPlace } from './testing/open-step-runners.ts'
import { openStepTarget, record, type StepTarget } from './testing/open-step-target.ts'

const secret = 'hunter2-is-secret'
const { signal } = new AbortController()

describe('steps of a rollout on a real cluster', () => {
  let scene: StepTarget
  let target: TestTarget
  let place: StepPlace
  let open: Awaited<ReturnType<typeof openStepRunners>>
  let runners: StepRunners
  let context: StepTarget['context']
  let inPlace: StepTarget['inPlace']
  let job: StepTarget['job']
  let migration: StepTarget['migration']
  let runs: StepTarget['runs']
  let jobsOf: StepTarget['jobsOf']
  let podsOf: StepTarget['podsOf']

  before(async () => {
    scene = await openStepTarget(secret)
    ;({ target, place, context, inPlace, job, migration, runs, jobsOf, podsOf } = scene)
    open = await openStepRunners(place)
    runners = open.runners
  })
  after(async () => {
    await open.close()
    await scene.close()
  })

  /** As a rollout does it: looks, begins what is not there, and looks again. */
  const run = async (step: StepInHand, of: StepContext, by = runners): Promise<StepSight> =>
    until(`${step.ref.step} ends`, async () => {
      const sight = await by.see(step, of, signal)
      if (sight.state === 'absent') await by.begin(step, of, signal)
      return sight.state === 'absent' || sight.state === 'running' ? undefined : sight
    })
  const runningPod = (step: string) =>
    until(`the pod of ${step} runs`, async () =>
      (await podsOf(step)).find((pod) => readField(pod, 'status', 'phase') === 'Running'),
    )
  const logOf = async (step: StepInHand, of: StepContext) =>
    (await open.store.stepLogs.get(of.rollout.uid, step.key))?.text

  test('a Job runs once with the images of the release; its log is kept without secrets, and then it is gone', async () => {
    const step = inPlace(
      job('plain', `${record('plain')}; echo wrote ${secret} here`, { imagesOf: 'web' }, 'busybox:1.0'),
    )
    const of = context('plain')
    assert.deepEqual(await runners.see(step, of, signal), { state: 'absent' })
    await Promise.all([runners.begin(step, of, signal), open.another().begin(step, of, signal)])
    assert.equal((await run(step, of)).state, 'succeeded')
    const [made, ...others] = await jobsOf('plain')
    assert.equal(others.length, 0)
    assert.deepEqual(
      made?.metadata.finalizers?.filter((name) => name.startsWith(group)),
      ['flotilla.dev/step'],
    )
    assert.equal(await logOf(step, of), undefined)
    await runners.letGo(step, of, signal)
    await runners.letGo(step, of, signal)
    assert.deepEqual(await jobsOf('plain'), [])
    assert.equal(await logOf(step, of), 'wrote ••• here\n')
    assert.deepEqual(await runs('plain'), ['ran'])
  })

  test('says how a Job failed, what the member refuses, and nothing of a member that cannot be asked', async () => {
    const failing = inPlace(job('failing', `echo ${secret}; exit 3`))
    const sight = await run(failing, context('failing'))
    assert.equal(sight.state, 'failed')
    assert.match('message' in sight ? (sight.message ?? '') : '', /exit code 3/)
    assert.doesNotMatch(JSON.stringify(sight), new RegExp(secret))
    await runners.letGo(failing, context('failing'), signal)

    const bad = { spec: { containers: [{ name: 'Not_A_Name', image: 'busybox:1.35' }] } }
    const refused = await run(inPlace({ name: 'refused', job: { template: bad } }), context('refused'))
    assert.equal(refused.state, 'failed')
    assert.match('message' in refused ? (refused.message ?? '') : '', /Not_A_Name/)

    open.connect(false)
    try {
      const step = inPlace(job('away', 'true'))
      for (const ask of [runners.see, runners.begin])
        await assert.rejects(Promise.resolve(ask(step, context('away'), signal)), (thrown) => {
          assert.equal(asFlotillaError(thrown).code, 'cluster.unreachable')
          return true
        })
    } finally {
      open.connect(true)
    }
  })

  test('a Job that is asked to end leaves nothing that runs', async () => {
    const step = inPlace(job('endless', 'echo began; sleep 600'))
    const of = context('endless')
    await runners.begin(step, of, signal)
    await runningPod('endless')
    await until('it wrote', async () => (await logTextOfPods('endless')).includes('began'))
    await runners.cancel(step, of, signal)
    assert.equal((await runners.see(step, of, signal)).state, 'failed')
    assert.deepEqual(await podsOf('endless'), [])
    assert.deepEqual(await jobsOf('endless'), [])
    assert.equal(await logOf(step, of), 'began\n')
  })

  const logTextOfPods = async (step: string): Promise<string> => {
    let text = ''
    for (const { metadata } of await podsOf(step)) {
      const stream = await target.member().logs({ namespace: target.project, name: metadata.name })
      for await (const chunk of stream) text += Buffer.from(chunk).toString('utf8')
    }
    return text
  }

  test('a migration runs once, whoever begins it how often; those who come later see that it ran', async () => {
    const step = inPlace(migration('once', `${record('once')}; sleep 2`))
    const others = Array.from({ length: 5 }, (_, index) => ({
      of: context(`once-${index}`),
      by: index % 2 === 0 ? runners : open.another(),
    }))
    await Promise.all(others.map(({ of, by }) => by.begin(step, of, signal)))
    const waiting = await Promise.all(others.map(({ of, by }) => by.see(step, of, signal)))
    assert.deepEqual([...new Set(waiting.map(({ state }) => state))], ['running'])
    assert.equal(waiting.filter((sight) => 'waitingFor' in sight && sight.waitingFor?.startsWith('the same')).length, 4)
    // the one whose it is lets go last: the others do not need it for their end
    // whoever waits and is asked to end ends at once, and leaves alone what it waited for
    const waiter = others.find((_one, index) => JSON.stringify(waiting[index]).includes('the same'))
    await waiter?.by.cancel(step, waiter.of, signal)
    assert.equal((await waiter?.by.see(step, waiter.of, signal))?.state, 'failed')
    await waiter?.by.letGo(step, waiter.of, signal)
    // as the rollout does it, which keeps what was said in the record of the step
    const kept = waiting.map((sight) => ('evidence' in sight ? sight.evidence : undefined))
    const ended = await Promise.all(
      others.map(async ({ of, by }, index) => {
        const evidence = kept[index]
        const withRecord = evidence === undefined ? of : { ...of, evidence }
        assert.notEqual((await by.see(step, withRecord, signal)).state, 'absent', 'who waits did not vanish')
        return until('it ends', async () => {
          const sight = await by.see(step, withRecord, signal)
          assert.notEqual(sight.state, 'absent', 'who waits did not vanish')
          return sight.state === 'running' ? undefined : sight
        })
      }),
    )
    assert.deepEqual([...new Set(ended.map(({ state }) => state))], ['succeeded'])
    for (const { of, by } of others) await by.letGo(step, of, signal)
    assert.deepEqual(await runs('once'), ['ran'])
    assert.deepEqual(await jobsOf('once'), [])

    const later = await run(inPlace(migration('renamed', `${record('once')}; sleep 2`)), context('later'))
    assert.equal(later.state, 'succeeded')
    assert.match(JSON.stringify(later), /ran before, on east/)
    const isBefore = async (frozenAt: string | undefined): Promise<boolean> => {
      const of = { ...context('later'), ...(frozenAt === undefined ? {} : { frozenAt }) }
      const sight = await run(inPlace(migration('renamed', `${record('once')}; sleep 2`)), of)
      return sight.state === 'succeeded' && sight.ranBefore === true
    }
    assert.equal(await isBefore(new Date().toISOString()), true)
    assert.equal(await isBefore('2026-01-01T00:00:00Z'), false, 'it ran after the release was frozen')
    assert.equal(await isBefore(undefined), false, 'nobody can tell')
    assert.deepEqual(await runs('once'), ['ran'])
    const back = { ...context('back'), action: 'Rollback' as const }
    assert.equal((await run(step, back)).state, 'failed', 'never in a rollback')
    assert.equal(
      (await run(inPlace(migration('other', `${record('once')}; sleep 1`)), context('other'))).state,
      'succeeded',
    )
    assert.deepEqual(await runs('once'), ['ran', 'ran'], 'another content is another migration')
  })

  test('a migration that failed by itself may be tried again; once for its database, whichever target', async () => {
    const command = `${record('again')}; test $(wc -l < /record/again) -gt 1`
    const step = inPlace(migration('again', command, { database: 'orders' }))
    const of = context('again')
    const failed = await run(step, of)
    assert.equal(failed.state, 'failed')
    assert.match(JSON.stringify(failed), /exit code 1/)
    await runners.letGo(step, of, signal)
    assert.equal((await runners.see(step, of, signal)).state, 'failed')
    const retried = inPlace(migration('again', command, { database: 'orders' }), 2)
    assert.equal((await run(retried, of)).state, 'succeeded')
    await runners.letGo(retried, of, signal)
    const elsewhere = {
      ...retried,
      key: 'prod/west/other/before/again/1',
      place: { ...retried.place, namespace: 'other' },
    }
    assert.equal((await run(elsewhere, context('elsewhere'))).state, 'succeeded')
    assert.deepEqual(await runs('again'), ['ran', 'ran'])
    assert.equal(await logOf(step, of), '')
  })

  test('a migration whose pod is evicted is uncertain until a person says how it ended; one that may repeat itself goes on', async () => {
    for (const idempotent of [false, true]) {
      const name = `evicted-${idempotent}`
      const step = inPlace(
        migration(name, `${record(name)}; test $(wc -l < /record/${name}) -gt 1 || sleep 600`, { idempotent }),
      )
      const of = context(name)
      await runners.begin(step, of, signal)
      const pod = await runningPod(name)
      await until('it began', async () => (await runs(name)).length === 1)
      await target.member().evict({ namespace: target.project, name: pod.metadata.name })
      const sight = await run(step, of)
      if (idempotent) {
        assert.equal(sight.state, 'succeeded')
        assert.deepEqual(await runs(name), ['ran', 'ran'])
        await runners.letGo(step, of, signal)
      } else {
        assert.equal(sight.state, 'uncertain')
        assert.equal((await run(inPlace(step.step, 2), of)).state, 'uncertain', 'a retry runs nothing')
        const answer = { outcome: 'Succeeded', by: 'carol', reason: 'the table is there' } as const
        assert.equal(await runners.resolve(step, of, answer, signal), true)
        assert.equal(await runners.resolve(step, of, answer, signal), true)
        assert.equal(await runners.resolve(step, of, { ...answer, outcome: 'Failed' }, signal), false)
        assert.equal((await run(step, of)).state, 'succeeded')
        assert.deepEqual(await runs(name), ['ran'])
      }
      assert.deepEqual(await jobsOf(name), [])
    }
  })

  test('a migration that somebody deletes, or that is given up while it runs, is uncertain and runs on nowhere', async () => {
    const deleted = inPlace(migration('deleted', `${record('deleted')}; sleep 600`))
    await runners.begin(deleted, context('deleted'), signal)
    await runningPod('deleted')
    const [made] = await jobsOf('deleted')
    const ref = {
      group: 'batch',
      version: 'v1',
      kind: 'Job',
      namespace: target.project,
      name: made?.metadata.name ?? '',
    }
    await target.member().delete(ref, { propagation: 'Foreground' })
    assert.equal((await run(deleted, context('deleted'))).state, 'uncertain')
    assert.equal((await jobsOf('deleted')).length, 1, 'it is held until its outcome is recorded')
    await runners.letGo(deleted, context('deleted'), signal)

    const given = inPlace(migration('given-up', `${record('given-up')}; sleep 600`))
    await runners.begin(given, context('given-up'), signal)
    await runningPod('given-up')
    await runners.cancel(given, context('given-up'), signal)
    assert.deepEqual(await podsOf('given-up'), [])
    assert.equal((await runners.see(given, context('given-up'), signal)).state, 'uncertain')

    const late = inPlace({ ...migration('late', `${record('late')}; echo began; sleep 600`), timeoutSeconds: 4 })
    assert.equal((await run(late, context('late'))).state, 'uncertain', 'its time was up')
    await runners.letGo(late, context('late'), signal)
    assert.equal(await logOf(late, context('late')), 'began\n')
    for (const name of ['deleted', 'given-up', 'late']) {
      await until(`the Job of ${name} is gone`, async () => (await jobsOf(name)).length === 0)
      assert.deepEqual(await runs(name), ['ran'])
    }
  })

  test('a migration whose namespace was made after it began is not run again', async () => {
    const step = inPlace(migration('moved', record('moved')))
    const of = context('moved')
    const long = inPlace(migration('moved', record('moved')))
    await runners.begin(long, of, signal)
    assert.equal((await run(long, of)).state, 'succeeded')
    // as if the ledger were of a time before the namespace, and the Job had gone with the one before
    const [made] = await jobsOf('moved')
    const ref = {
      group: 'batch',
      version: 'v1',
      kind: 'Job',
      namespace: target.project,
      name: made?.metadata.name ?? '',
    }
    await target.member().patch(ref, { type: 'merge', body: { metadata: { finalizers: null } } }, { fieldManager })
    await target.member().delete(ref)
    const [running] = await open.store.migrationLedger.list(place.projectUid, { limit: 1 })
    assert.equal(running?.state, 'Running')
    if (running === undefined) return
    const { holder, digest, scope, projectUid } = running
    await open.store.migrationLedger.end(running, holder, { state: 'Failed', at: running.startedAt })
    const claim = { ...running, startedAt: '2020-01-01T00:00:00.000Z' }
    assert.equal((await open.store.migrationLedger.begin(claim)).mine, true)
    await until('it is gone', async () => (await jobsOf('moved')).length === 0)
    assert.equal((await run(step, of)).state, 'uncertain')
    assert.equal((await open.store.migrationLedger.get({ digest, scope, projectUid }))?.state, 'Uncertain')
    assert.deepEqual(await runs('moved'), ['ran'])
  })

  test('the tests of a chart run one after the other; one that fails says so without secrets', async () => {
    const delivery = { metadata: { name: 'shop.east', uid: 'uid-delivery' }, spec: { application: { name: 'shop' } } }
    open.deliveries.set('shop.east', delivery as Delivery)
    const step = inPlace({ name: 'helm', test: { helm: { component: 'web' } } })
    const of = context('helm')
    await runners.begin(step, of, signal)
    const sights = new Set<string>()
    const sight = await until('the tests end', async () => {
      const one = await runners.see(step, of, signal)
      sights.add(one.state)
      return one.state === 'running' ? undefined : one
    })
    assert.deepEqual([...sights], ['running', 'succeeded'])
    assert.deepEqual(sight.state === 'succeeded' && sight.evidence, ['test first succeeded', 'test second succeeded'])
    assert.deepEqual(await runs('tests'), ['first', 'second'])
    await runners.letGo(step, of, signal)
    assert.match((await logOf(step, of)) ?? '', /^\[first\]\n\n\[second\]/)
    await until('they are gone', async () => (await target.find('Pod', 'first')) === undefined)

    const ill = inPlace({ name: 'ill', test: { helm: { component: 'ill' } } })
    const failed = await run(ill, context('ill'))
    assert.equal(failed.state, 'failed')
    assert.match(JSON.stringify(failed), /exit code 4/)
    await runners.letGo(ill, context('ill'), signal)
    assert.equal(await logOf(ill, context('ill')), '[ill]\n•••\n')
    const held = (await target.find('Pod', 'ill'))?.metadata.finalizers ?? []
    assert.deepEqual(held, [])
    const none = inPlace({ name: 'none', test: { helm: { component: 'bare' } } })
    assert.equal((await run(none, context('none'))).state, 'failed')
  })

  test('a server killed anywhere runs a migration once, keeps its log and leaves nothing', async () => {
    await open.close()
    const points = ['step-job-intended', 'step-job-created', 'step-log-kept', 'step-job-ended', 'step-job-let-go']
    const ended = new Map<string, StepSight>()
    for (const point of points) {
      const name = point.slice('step-'.length)
      const step = inPlace(migration(name, `${record(name)}; echo done`))
      const ask = JSON.stringify({ place, step, context: context(name) })
      const killed = await serve(ask, point)
      assert.match(killed.errors, new RegExp(`failpoint ${point}`))
      const after = await serve(ask)
      ended.set(name, JSON.parse(after.output) as StepSight)
    }
    // a rollout that nobody goes on with: the next one that has the same migration records how it ended
    const left = inPlace(migration('left', record('left')))
    const asks = ['left', 'next'].map((of) => JSON.stringify({ place, step: left, context: context(of) }))
    const [given = '', next = ''] = asks
    assert.match((await serve(given, 'step-job-created')).errors, /failpoint step-job-created/)
    assert.match((await serve(next, 'migration-ended-for-other')).errors, /failpoint migration-ended-for-other/)
    assert.match((await serve(next)).output, /"succeeded".*ran before/)
    await serve(given)
    assert.deepEqual(await runs('left'), ['ran'])
    assert.deepEqual(await jobsOf('left'), [])
    open = await openStepRunners(place)
    runners = open.runners
    for (const [name, sight] of ended) {
      assert.equal(sight.state, 'succeeded', name)
      assert.deepEqual(await runs(name), ['ran'], name)
      await until('its Job is gone', async () => (await jobsOf(name)).length === 0)
      const step = inPlace(migration(name, `${record(name)}; echo done`))
      assert.equal(await logOf(step, context(name)), 'done\n', name)
    }
  })

  async function serve(ask: string, failpoint?: string): Promise<{ output: string; errors: string }> {
    const env = { ...process.env, ...(failpoint === undefined ? {} : { FLOTILLA_FAILPOINTS: failpoint }) }
    const module = join(import.meta.dirname, 'testing', 'step-process.ts')
    const child = spawn(process.execPath, [module, ask], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let errors = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')))
    child.stderr.on('data', (chunk: Buffer) => (errors = `${errors}${chunk.toString('utf8')}`.slice(-4000)))
    await new Promise<void>((resolve) => child.once('exit', () => resolve()))
    if (failpoint === undefined) assert.notEqual(output, '', errors)
    return { output, errors }
  }
})
