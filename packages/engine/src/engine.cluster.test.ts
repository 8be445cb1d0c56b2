import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { createKubeClient, type KubeClient, systemClock } from '@flotilla/kube'
import { openTestFleet } from '@flotilla/local'
import { asFlotillaError, type Known, known, type KubeObject, type ObjectRef, refOf, unknown } from '@flotilla/model'
import { AppliedMemory, executeObjects, type LiveVersion } from './execute-objects.ts'
import { acquireLease, type LeaseLimits } from './lease.ts'
import { silentLog } from './log.ts'
import { pruneObjects } from './prune-objects.ts'
import { writeStatus } from './write-status.ts'
import { connectionOf } from '@flotilla/kube/testing/connection-of'

const quick: LeaseLimits = { durationMs: 2_000, giveUpMs: 1_200, renewMs: 200 }

describe('the engine on a real API server', () => {
  const namespace = `engine-test-${randomBytes(4).toString('hex')}`
  const opened: KubeClient[] = []
  let client: KubeClient
  const connect = (kubeconfig: string): KubeClient => {
    const connection = connectionOf(kubeconfig)
    const one = createKubeClient({ name: 'east', connection, userAgent: 'flotilla-engine-test' })
    opened.push(one)
    return one
  }
  let another: () => KubeClient

  before(async () => {
    const { clusters } = await openTestFleet()
    const kubeconfig = clusters['east']?.kubeconfig ?? ''
    another = () => connect(kubeconfig)
    client = another()
    await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  })
  after(async () => {
    await client.delete({ group: '', version: 'v1', kind: 'Namespace', name: namespace })
    await Promise.all(opened.map((one) => one.close()))
  })

  const configMap = (name: string, content: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data: { content },
  })
  const read = (ref: ObjectRef) => client.find(ref)
  const live =
    (seen: ReadonlyMap<string, LiveVersion>) =>
    (ref: ObjectRef): Known<LiveVersion | undefined> =>
      known(seen.get(ref.name))
  const versionOf = ({ metadata }: KubeObject): LiveVersion => ({
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
  })
  const { signal } = new AbortController()

  describe('executeObjects', () => {
    test('asks nothing of the API server where nothing changed, and puts right what somebody else changed', async () => {
      const memory = new AppliedMemory()
      const object = configMap('same', 'ours')
      const seen = new Map<string, LiveVersion>()
      const execute = () => executeObjects({ client, objects: [object], memory, live: live(seen), signal })
      assert.equal((await execute()).applied.length, 1)
      seen.set('same', versionOf(await client.get(refOf(object))))
      assert.deepEqual(await execute(), { applied: [], skipped: 1, failures: [] })
      const changed = await client.patch(refOf(object), { type: 'merge', body: { data: { content: 'theirs' } } })
      seen.set('same', versionOf(changed))
      assert.equal((await execute()).applied.length, 1)
      assert.deepEqual((await read(refOf(object)))?.['data'], { content: 'ours' })
    })

    test('applies again while what is there is not known, or is gone', async () => {
      const memory = new AppliedMemory()
      const object = configMap('unseen', 'ours')
      const execute = (sight: Known<LiveVersion | undefined>) =>
        executeObjects({ client, objects: [object], memory, live: () => sight, signal })
      await execute(known(undefined))
      assert.equal((await execute(unknown('not seen'))).applied.length, 1)
      await client.delete(refOf(object))
      assert.equal((await execute(known(undefined))).applied.length, 1)
      assert.ok((await read(refOf(object))) !== undefined)
    })

    test('goes on with the others when one is refused, and leaves fields of others alone', async () => {
      const memory = new AppliedMemory()
      const object = configMap('shared', 'ours')
      await executeObjects({ client, objects: [object], memory, signal })
      await client.patch(refOf(object), { type: 'merge', body: { data: { more: 'theirs' } } })
      const bad = { ...configMap('bad', ''), metadata: { name: 'Not_A_Name', namespace } }
      const outcome = await executeObjects({ client, objects: [bad, object], memory: new AppliedMemory(), signal })
      assert.deepEqual(
        outcome.failures.map(({ error }) => error.code),
        ['kube.invalid'],
      )
      assert.equal(outcome.applied.length, 1)
      assert.deepEqual((await read(refOf(object)))?.['data'], { content: 'ours', more: 'theirs' })
    })
  })

  test('pruneObjects leaves an object alone that was made anew under the same name', async () => {
    const first = await client.create(configMap('reborn', '1'))
    await client.delete(refOf(first))
    await client.create(configMap('reborn', '2'))
    const { gone, failures } = await pruneObjects(
      client,
      [{ ref: refOf(first), uid: first.metadata.uid ?? '' }],
      signal,
    )
    assert.equal(gone.length + failures.length, 1)
    assert.deepEqual((await read(refOf(first)))?.['data'], { content: '2' })
    const third = await client.get(refOf(first))
    await pruneObjects(client, [{ ref: refOf(first), uid: third.metadata.uid ?? '' }], signal)
    assert.equal(await read(refOf(first)), undefined)
  })

  test('writeStatus writes nothing when nothing is new, and never over a newer object', async () => {
    const claim = await client.create({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'status', namespace },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } }, storageClassName: 'none' },
    })
    const status = { phase: 'Pending' }
    assert.equal(await writeStatus(client, { ...claim, status: { phase: 'Pending' } }, status), false)
    await client.patch(refOf(claim), { type: 'merge', body: { metadata: { annotations: { note: 'newer' } } } })
    await assert.rejects(
      writeStatus(client, { ...claim, status: {} }, { phase: 'Lost' }),
      (thrown) => asFlotillaError(thrown).code === 'kube.conflict',
    )
  })

  describe('the lease', () => {
    const lease = (name: string, identity: string, by: KubeClient, ends: AbortSignal = AbortSignal.timeout(30_000)) =>
      acquireLease({
        client: by,
        namespace,
        name,
        identity,
        clock: systemClock,
        log: silentLog,
        signal: ends,
        limits: quick,
      })

    test('is held by one at a time, and the next one has a greater epoch', async () => {
      const first = await lease('one', 'a', another())
      let taken = false
      const waiting = lease('one', 'b', another()).then((held) => {
        taken = true
        return held
      })
      // longer than its duration: it is renewed
      await systemClock.sleep(quick.durationMs * 1.5)
      assert.equal(taken, false)
      assert.equal(first.signal.aborted, false)
      await first.release()
      const second = await waiting
      assert.ok(second.epoch > first.epoch)
      await second.release()
    })

    test('of a process that died is taken over after its duration, and at once by the same identity', async () => {
      const dead = another()
      const first = await lease('two', 'a', dead)
      await dead.close()
      const started = Date.now()
      const again = await lease('two', 'a', another())
      assert.ok(Date.now() - started < quick.durationMs, 'the same identity need not wait')
      assert.ok(again.epoch > first.epoch)
      await again.release()
      await lease('two', 'gone', another()).then((held) => held.signal)
      const other = lease('two', 'b', another(), AbortSignal.timeout(1_000))
      await assert.rejects(other, 'another one waits')
    })

    test('is given up by a holder who cannot renew it, before anybody else may have it', async () => {
      const cut = another()
      const first = await lease('three', 'a', cut)
      const lost = new Promise<number>((resolve) => {
        first.signal.addEventListener('abort', () => resolve(Date.now()))
      })
      const taken = lease('three', 'b', another()).then(async (held) => {
        const at = Date.now()
        await held.release()
        return at
      })
      await cut.close()
      assert.ok((await lost) <= (await taken))
    })

    test('is lost at once to whoever wrote over it', async () => {
      const first = await lease('four', 'a', another())
      const key = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', namespace, name: 'four' }
      const spec = { holderIdentity: 'thief', leaseTransitions: 99 }
      await client.patch(key, { type: 'merge', body: { spec } })
      await new Promise((resolve) => first.signal.addEventListener('abort', resolve))
      await first.release()
      const after = (await client.get(key))['spec'] as { holderIdentity?: string }
      assert.equal(after.holderIdentity, 'thief', 'it is not given back for somebody else')
    })
  })
})
