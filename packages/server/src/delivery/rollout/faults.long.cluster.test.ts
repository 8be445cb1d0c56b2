import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { createFaultProxy, type FaultProxy, type SeenRequest } from '@flotilla/kube/testing/fault-proxy'
import { connectionOf } from '@flotilla/kube/testing/connection-of'
import { openTestFleet } from '@flotilla/local'
import { until } from '../../testing/until.ts'
import { openRuns, type Runs } from './testing/open-runs.ts'

/** Each goes out to the hub and one more: nothing that is done to one holds up the others. */
describe('what goes wrong around a rollout', { concurrency: true, timeout: 400_000 }, () => {
  let runs: Runs
  let host: FaultProxy
  const members = new Map<string, FaultProxy>()
  before(async () => {
    const fleet = await openTestFleet()
    host = await createFaultProxy(connectionOf(fleet.clusters['hub']?.kubeconfig), { tls: true })
    runs = await openRuns({ members: ['east', 'hub', 'west'], staging: true, hostProxy: host })
    for (const name of ['east', 'hub', 'west']) {
      const proxy = await createFaultProxy(runs.target.connectionOf(name), { tls: true })
      members.set(name, proxy)
      await runs.target.readdress(name, proxy.connection)
      const connected = async () => runs.target.server.fleet.get(name)?.connection.state === 'connected'
      await until(`${name} is dialled there`, async () => proxy.seen.length > 0 && (await connected()))
    }
  })
  after(async () => {
    await runs?.close()
    for (const proxy of [host, ...members.values()]) await proxy?.[Symbol.asyncDispose]()
  })

  const proxyOf = (name: string): FaultProxy => {
    const proxy = members.get(name)
    assert.ok(proxy)
    return proxy
  }
  const staging = (): string => `${runs.target.project}-staging`
  const both = (): string[] => [runs.target.project, staging()]
  const on = (...names: string[]) => ({ placement: { clusters: { names } } })

  test('an API server that answers 429 and then 500 for a minute holds up no other, counts as neither failed nor well, is asked seldom, and gets all of it when it is itself again', async (t) => {
    const east = proxyOf('east')
    await runs.bring('busy', on('east', 'hub'))
    await runs.freeze('busy', 'v2', on('east', 'hub'))
    const each = { before: [runs.migration('migrate', 'busy', 'sleep 4')] }
    await runs.plan('busy', { stages: [{ name: 'all', maxConcurrency: 3, each }] })
    await runs.start('busy-v2-1', 'busy', 'busy')
    await until('it migrates in both targets of east', async () => (await runs.ran('busy', 'east')).length === 2)

    const began = Date.now()
    const asked = east.seen.length
    const seconds = (): number => (Date.now() - began) / 1000
    let othersDone: number | undefined
    const states = new Set<string>()
    let most: [string, number][] = []
    const watch = async (end: number): Promise<void> => {
      while (seconds() < end) {
        const { phase, targets } = await runs.status('busy-v2-1')
        assert.equal(phase, 'Running', 'nobody is needed')
        for (const one of targets.filter(({ cluster }) => cluster === 'east')) states.add(one.phase)
        const others = targets.filter(({ cluster }) => cluster === 'hub')
        if (others.every((one) => one.phase === 'Succeeded')) othersDone ??= seconds()
        await wait(250)
      }
    }
    const end429 = east.rule({ fault: { kind: 'status', status: 429, retryAfter: 5 } })
    try {
      east.cutAll()
      await watch(30)
      end429()
      most = mostAsked(east.seen.slice(asked))
      east.rule({ fault: { kind: 'status', status: 500 } })
      await watch(60)
    } finally {
      east.clear()
    }
    const requests = east.seen.length - asked
    t.diagnostic(`${requests} requests to it in a minute; the others were done after ${othersDone} s`)
    t.diagnostic(`most asked of what it refused for 30 s, five seconds each: ${JSON.stringify(most)}`)
    t.diagnostic(`most asked of all: ${JSON.stringify(mostAsked(east.seen.slice(asked)))}`)
    assert.ok(othersDone !== undefined && othersDone < 40, `the others were done after ${othersDone} s`)
    assert.deepEqual([...states], ['PreHooks'], 'nothing was claimed that could not be seen')
    assert.ok(requests < 900, `${requests} requests`)
    assert.ok((most[0]?.[1] ?? 0) <= 12, 'Retry-After is honoured')

    const healed = Date.now()
    await runs.ended('busy-v2-1')
    t.diagnostic(`it was through ${Date.now() - healed} ms later`)
    for (const cluster of ['east', 'hub']) {
      assert.deepEqual(await runs.ran('busy', cluster), both(), `the migration ran once in each target of ${cluster}`)
      for (const namespace of both()) assert.deepEqual(await runs.version('busy', { cluster, namespace }), ['v2', 'v2'])
    }
  })

  test('a cluster that hangs and then refuses in the middle: others go on as each offline policy says, nothing there is pruned, and it resumes what it was to have', async (t) => {
    const west = proxyOf('west')
    const policies = { waits: 'Wait', defers: 'Defer', fails: 'Fail' } as const
    const names = ['waits', 'defers', 'fails'] as const
    await Promise.all(names.map((name) => runs.bring(name, on('hub', 'west'))))
    const frozen = new Map(
      await Promise.all(names.map(async (name) => [name, await runs.freeze(name, 'v2', on('hub', 'west'))] as const)),
    )
    for (const name of names) {
      const each = { before: [runs.migration('migrate', name, 'sleep 4')] }
      const rest = { each, offline: policies[name] }
      const stages = [
        { name: 'first', targets: { environments: ['staging'] }, ...rest },
        { name: 'later', ...rest },
      ]
      await runs.plan(name, { stages })
      await runs.start(`${name}-v2-1`, name, name)
    }
    for (const name of names)
      await until(`${name} migrates in west`, async () => (await runs.ran(name, 'west')).length === 1)
    west.blackHole(true)
    const cutAt = Date.now()
    try {
      await until('west is lost', async () => runs.target.server.fleet.get('west')?.connection.state === 'lost')
      t.diagnostic(`it is known to be lost after ${Date.now() - cutAt} ms`)
      for (const name of names) {
        const { unknownSince, phase } = await until(`${name} says since when`, async () => {
          const target = await runs.at(`${name}-v2-1`, 'west', staging())
          return target.unknownSince === undefined ? undefined : target
        })
        assert.ok(Date.parse(unknownSince ?? '') <= Date.now())
        assert.equal(phase, 'PreHooks')
      }
      await west.listen(false)
      west.blackHole(false)
      const done = await runs.waitFor('defers-v2-1', 'goes on without it', ({ targets }) =>
        targets.every(({ cluster, phase }) => phase === (cluster === 'hub' ? 'Succeeded' : 'Deferred')),
      )
      assert.equal(done.phase, 'Running')
      assert.match(done.waitingFor ?? '', /left for later: west/)
      assert.deepEqual(
        done.stages?.map(({ phase }) => phase),
        ['Succeeded', 'Succeeded'],
      )
      const waiting = await runs.status('waits-v2-1')
      assert.deepEqual(
        waiting.stages?.map(({ phase }) => phase),
        ['Targets', 'Pending'],
      )
      assert.equal((await runs.at('waits-v2-1', 'hub', staging())).phase, 'Succeeded')
      assert.match(waiting.waitingFor ?? '', /west is lost/)
      const failed = await runs.waitFor('fails-v2-1', 'stops', ({ phase }) => phase === 'Paused')
      assert.equal(failed.reason, 'StageFailed')
      for (const name of names)
        for (const namespace of both())
          assert.deepEqual(await runs.version(name, { cluster: 'west', namespace }), ['v1', 'v1'], 'all is there')
    } finally {
      west.blackHole(false)
      await west.listen(false).catch(() => 'it does not listen')
      await west.listen(true)
    }
    const healed = Date.now()
    const retry = { id: 'again', by: 'flotilla:user:ann', stage: 'first' }
    await until('west is back', async () => runs.target.server.fleet.get('west')?.connection.state === 'connected')
    await runs.ask('fails-v2-1', { retries: [retry] })
    for (const name of names) {
      await runs.ended(`${name}-v2-1`)
      const digests = frozen.get(name)?.targets ?? []
      for (const namespace of both()) {
        const target = await runs.at(`${name}-v2-1`, 'west', namespace)
        assert.equal(target.unknownSince, undefined)
        const wanted = digests.find((one) => one.cluster === 'west' && one.namespace === namespace)
        assert.equal(target.digest, wanted?.digest, 'the same that it was to have')
        assert.deepEqual(await runs.version(name, { cluster: 'west', namespace }), ['v2', 'v2'])
      }
      assert.deepEqual(await runs.ran(name, 'west'), both(), `${name} migrated once in each`)
    }
    t.diagnostic(`all were through ${Date.now() - healed} ms after it was back`)
  })

  test('a host whose writes fail, or are done and not told: no step runs twice, and none runs of which the status does not speak', async (t) => {
    await runs.bring('hosted', on('hub'))
    await runs.freeze('hosted', 'v2', on('hub'))
    const steps = ['one', 'two', 'three'].map((name) => runs.job(name, `hosted-${name}`))
    const each = { before: [runs.migration('migrate', 'hosted-migrate'), ...steps.slice(0, 2)], after: steps.slice(2) }
    await runs.plan('hosted', { stages: [{ name: 'all', each }] })
    const left = async (namespace: string) =>
      (await runs.jobs('hub', namespace)).filter(({ rollout }) => rollout === 'hosted-v2-1')
    let turn = 0
    let isDown = false
    const isOurs = ({ method, path }: SeenRequest): boolean =>
      method !== 'GET' && /\/rollouts\/hosted-v2-1\/status|\/deliveries\/hosted\./.test(path)
    host.rule({ match: (one) => isOurs(one) && isDown, fault: { kind: 'status', status: 500 } })
    host.rule({ match: (one) => isOurs(one) && ++turn % 3 === 1, fault: { kind: 'cut', afterBytes: 0 } })
    host.rule({ match: (one) => isOurs(one) && turn % 3 === 2, fault: { kind: 'status', status: 500 } })
    const over = new AbortController()
    const unspoken: string[] = []
    const watch = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const jobs = await Promise.all(both().map((namespace) => runs.jobs('hub', namespace)))
        const { targets } = await runs.status('hosted-v2-1')
        const known = targets.flatMap((one) => (one.steps ?? []).map(({ name }) => `${one.namespace} ${name}`))
        for (const [at, ofTarget] of jobs.entries())
          for (const { rollout, step } of ofTarget)
            if (rollout === 'hosted-v2-1' && !known.includes(`${both()[at]} ${step}`)) unspoken.push(step)
        await wait(100)
      }
    }
    await runs.start('hosted-v2-1', 'hosted', 'hosted')
    const watching = watch()
    try {
      await until('the first step runs', async () => (await runs.ran('hosted-migrate', 'hub')).length > 0)
      isDown = true
      // what was on its way may still arrive
      await wait(1_000)
      const seen = JSON.stringify(await runs.status('hosted-v2-1'))
      await wait(10_000)
      assert.equal(JSON.stringify(await runs.status('hosted-v2-1')), seen, 'nothing was written')
      isDown = false
      await runs.ended('hosted-v2-1', 'Succeeded', 180)
    } finally {
      host.clear()
      over.abort()
      await watching
    }
    t.diagnostic(`${turn} writes of it, of which two in three failed for whoever made them`)
    assert.ok(turn > 20, `${turn} writes`)
    assert.deepEqual(unspoken, [])
    for (const file of ['hosted-migrate', 'hosted-one', 'hosted-two', 'hosted-three'])
      assert.deepEqual(await runs.ran(file, 'hub'), both(), `${file} ran once in each`)
    for (const namespace of both())
      assert.deepEqual(await runs.version('hosted', { cluster: 'hub', namespace }), ['v2', 'v2'])
    for (const namespace of both()) await until('no Job is left', async () => (await left(namespace)).length === 0)
  })

  test('a step that cannot be let go of holds up neither its target nor others, and goes when it can', async (t) => {
    const hub = proxyOf('hub')
    await runs.bring('stuck', on('hub'))
    await runs.freeze('stuck', 'v2', on('hub'))
    const steps = ['one', 'two', 'three'].map((name) => runs.job(name, `stuck-${name}`))
    await runs.plan('stuck', { stages: [{ name: 'all', maxConcurrency: 1, each: { before: steps } }] })
    const left = async (namespace: string) =>
      (await runs.jobs('hub', namespace)).filter(({ rollout }) => rollout === 'stuck-v2-1')
    const isLettingGo = ({ method, path }: SeenRequest): boolean =>
      method !== 'GET' && method !== 'POST' && path.includes('/jobs/stuck-v2-1-')
    const end = hub.rule({ match: isLettingGo, fault: { kind: 'status', status: 500 } })
    try {
      const began = Date.now()
      await runs.start('stuck-v2-1', 'stuck', 'stuck')
      await runs.ended('stuck-v2-1')
      const seconds = (Date.now() - began) / 1000
      const tries = hub.seen.filter(isLettingGo).length
      t.diagnostic(`six steps in two targets took ${seconds} s, in which ${tries} tries to let go failed`)
      for (const namespace of both()) assert.equal((await left(namespace)).length, 3, 'all are held')
      assert.ok(tries < 20 + 6 * seconds, `${tries} tries`)
    } finally {
      end()
    }
    for (const namespace of both()) await until('no Job is left', async () => (await left(namespace)).length === 0)
  })
})

/** Paths by how often they were asked, without names. */
function mostAsked(seen: readonly SeenRequest[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const { method, path } of seen) {
    const key = `${method} ${path.split('?')[0]}${path.includes('watch') ? ' (watch)' : ''}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts].toSorted((a, b) => b[1] - a[1]).slice(0, 6)
}
