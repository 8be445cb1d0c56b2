import assert from 'node:assert/strict'
import { once } from 'node:events'
import path from 'node:path'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createApiClient } from '@flotilla/api'
import { type Fleet, openTestFleet, pushAgent } from '@flotilla/local'
import { startPostgres, type TestPostgres } from '../packages/server/src/store/testing/start-postgres.ts'
import { until } from './support/prepare-project.ts'
import { cliOf, joinClusters } from './support/flotilla-cli.ts'
import { runProgram } from './support/run-program.ts'
import { freePort, type RunningFlotilla, startFlotilla } from './support/start-flotilla.ts'

/** One address before several servers: each connection goes to the next one that takes it. */
async function openFront(at: string): Promise<{ url: string; targets: string[]; close(): void }> {
  const targets: string[] = []
  const sockets = new Set<Socket>()
  let turn = 0
  const join = (near: Socket, tries = 0): void => {
    const target = targets[turn++ % targets.length]
    if (target === undefined || tries > targets.length) return void near.destroy()
    const { hostname, port } = new URL(target)
    const far = connect({ host: hostname, port: Number(port) })
    far.once('error', () => (far.connecting || far.pending ? join(near, tries + 1) : near.destroy()))
    far.once('connect', () => {
      sockets.add(far)
      near.pipe(far)
      far.pipe(near)
      near.once('close', () => far.destroy())
      far.once('close', () => near.destroy())
    })
  }
  const server: Server = createServer((near) => {
    sockets.add(near)
    near.on('error', () => undefined)
    join(near)
  })
  server.listen(0, at)
  await once(server, 'listening')
  const close = (): void => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { url: `http://${at}:${(server.address() as AddressInfo).port}`, targets, close }
}

describe('two servers on one PostgreSQL, behind one address', () => {
  let fleet: Fleet
  let postgres: TestPostgres
  let front: Awaited<ReturnType<typeof openFront>>
  let first: RunningFlotilla
  let second: RunningFlotilla
  let joined: readonly string[] = []
  let west: NodeJS.ProcessEnv
  const inWest = (...args: string[]) => runProgram('kubectl', args, west)
  const removed = ['-n', 'flotilla-system', 'deploy/flotilla-agent', 'secret/flotilla-agent', 'sa/flotilla-agent']

  before(
    async () => {
      fleet = await openTestFleet()
      west = {
        KUBECONFIG: fleet.clusters['west']?.kubeconfigPath,
        PATH: `${path.join(fleet.dir, 'bin')}:${process.env['PATH']}`,
      }
      const at = fleet.registry.address.split(':')[0] ?? ''
      await pushAgent(fleet.registry.address, { onProgress: () => undefined })
      front = await openFront(at)
      postgres = await startPostgres(await freePort('127.0.0.1'))
      const common = {
        fleet,
        listenAt: at,
        env: { FLOTILLA_DATABASE_URL: postgres.url },
        options: ['--public-url', front.url.replace('http:', 'https:')],
      }
      first = await startFlotilla(common)
      second = await startFlotilla({ ...common, beside: first })
      front.targets.push(first.url, second.url)
    },
    { timeout: 300_000 },
  )
  after(
    async () => {
      const alive = second === undefined ? undefined : await second.api().catch(() => undefined)
      for (const cluster of ['west', ...joined])
        await alive?.clusters.remove({ params: { cluster }, query: { objects: 'keep' } }).catch(() => 'gone')
      await until(async () => (await alive?.clusters.list())?.items.length === 0, 60_000).catch(
        () => 'said by the tests',
      )
      await inWest('delete', ...removed, '--ignore-not-found')
      await inWest('delete', 'clusterrolebinding', 'flotilla-agent', '--ignore-not-found')
      await Promise.all([first?.stop(), second?.stop()])
      front?.close()
      await postgres?.close()
    },
    { timeout: 240_000 },
  )

  test('a session of one is good at the other, and ends at both', async () => {
    const token = await first.token()
    const other = createApiClient({ baseUrl: second.url, token })
    assert.equal((await other.session.get()).person.name, 'admin')
    await createApiClient({ baseUrl: first.url, token }).session.signOut()
    await assert.rejects(other.session.get(), { code: 'auth.required' })
    assert.match(await first.log(), /"acting"/)
    assert.doesNotMatch(await second.log(), /"acting"/)
  })

  test(
    'an agent dials one of them; both, and kubectl through each, reach its cluster',
    { timeout: 200_000 },
    async () => {
      const env = { FLOTILLA_SERVER: second.url, FLOTILLA_TOKEN: await second.token() }
      const flotilla = await cliOf(second)
      joined = await joinClusters(flotilla, fleet, ['east'])
      const { code, output } = await runProgram(
        'sh',
        ['-c', 'bin/flotilla cluster add west --agent --no-wait --print manifest | kubectl apply -f -'],
        { ...env, ...west },
      )
      assert.equal(code, 0, output)
      for (const server of [first, second]) {
        const api = await server.api()
        await until(
          async () => (await api.clusters.get({ params: { cluster: 'west' } })).connection.state === 'connected',
          90_000,
        )
        const { token } = await api.kubernetes.token()
        // a cluster that has just joined learns a moment later what people may do in it
        await until(async () => {
          const answer = await fetch(`${server.url}/k8s/clusters/west/api/v1/namespaces/kube-system`, {
            headers: { authorization: `Bearer ${token}` },
          })
          await answer.body?.cancel()
          return answer.ok
        }, 20_000)
      }
      const logs = await Promise.all([first.log(), second.log()])
      assert.ok(
        logs.some((log) => /"here":false/.test(log)),
        'both tunnels end in one server, and nothing was relayed',
      )
    },
  )

  test(
    'the one that acts is killed: the other acts, and nothing is noticed but a reconnect',
    { timeout: 200_000 },
    async () => {
      const token = await first.token()
      const behind = createApiClient({ baseUrl: front.url, token })
      const killedAt = Date.now()
      await first.kill()
      // whoever comes next gets an answer, signed in as before
      assert.equal((await behind.session.get()).person.name, 'admin')
      await until(async () => /"acting"/.test(await second.log()), 40_000)
      const actsAfter = (Date.now() - killedAt) / 1000
      const states = async () =>
        (await behind.clusters.list()).items.map(({ name, connection }) => [name, connection.state])
      await until(async () => (await states()).every(([, state]) => state === 'connected'), 60_000)
      const log = (await second.log()).split('\n').filter((line) => /"level":"error"/.test(line))
      assert.deepEqual(log, [])
      console.log(
        `# acts ${actsAfter.toFixed(1)} s after the kill; all clusters connected ${((Date.now() - killedAt) / 1000).toFixed(1)} s after it`,
      )
    },
  )
})
