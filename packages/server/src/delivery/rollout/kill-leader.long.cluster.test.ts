import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { connectionOf } from '@flotilla/kube/testing/connection-of'
import { createFaultProxy, type FaultProxy } from '@flotilla/kube/testing/fault-proxy'
import { kubeconfigThrough } from '@flotilla/kube/testing/kubeconfig-through'
import { startPostgres, type TestPostgres } from '../../store/testing/start-postgres.ts'
import { until } from '../../testing/until.ts'
import { type LeasedServer, startLeased } from '../delivery/testing/start-leased.ts'
import { openRuns, type Runs } from './testing/open-runs.ts'

/** What is asked of the host after a moment, but reading and the lease itself. */
const writesSince = ({ seen }: FaultProxy, at: number): string[] =>
  seen
    .filter((one) => one.at >= at && one.method !== 'GET' && !one.path.includes('/leases/'))
    .map(({ method, path }) => `${method} ${path}`)

describe(
  'several servers, of which the one that acts is paused for longer than its lease',
  { timeout: 300_000 },
  () => {
    let runs: Runs
    let postgres: TestPostgres
    let dir: string
    const proxies: FaultProxy[] = []
    const servers: LeasedServer[] = []
    before(async () => {
      dir = await mkdtemp(join(tmpdir(), 'flotilla-leader-'))
      postgres = await startPostgres(await freePort())
      runs = await openRuns({ withoutServer: true, also: '-b' })
    })
    after(async () => {
      for (const { child, ended } of servers) {
        child.kill('SIGKILL')
        await ended
      }
      await runs?.close()
      for (const proxy of proxies) await proxy[Symbol.asyncDispose]()
      await postgres?.close()
      await rm(dir, { recursive: true, force: true })
    })

    /** One more of the same database, with its own way to the host. */
    const start = async (): Promise<{ server: LeasedServer; way: FaultProxy }> => {
      const hub = runs.target.fleet.clusters['hub']?.kubeconfig ?? ''
      const way = await createFaultProxy(connectionOf(hub), { tls: true })
      const kubeconfig = join(dir, `kubeconfig-${proxies.length}`)
      await writeFile(kubeconfig, kubeconfigThrough(way, hub))
      proxies.push(way)
      const env = { FLOTILLA_DATABASE_URL: postgres.url }
      const server = startLeased(runs.target, { dataDir: join(dir, `data-${proxies.length}`), kubeconfig, env })
      servers.push(server)
      return { server, way }
    }
    const acts = (server: LeasedServer): Promise<true> =>
      until(
        'it acts',
        async () => /"acting"/.test(server.said()) || undefined,
        60,
        async () => server.said(),
      )

    test('what the paused ones still had in hand is refused when they wake, in the middle of the work of the next; no step runs twice, and the run ends', async (t) => {
      const first = await start()
      await acts(first.server)
      const second = await start()
      await runs.bring('shop')
      await runs.freeze('shop', 'v2')
      const long = 'sleep 6'
      const each = {
        before: [runs.migration('migrate', 'shop-migrate', long), runs.job('prepare', 'shop-prepare')],
        after: [runs.job('smoke', 'shop-smoke', 'sleep 2')],
      }
      await runs.plan('shop', { stages: [{ name: 'all', maxConcurrency: 1, each }] })
      await runs.start('shop-v2-1', 'shop', 'shop')

      const pauseAndWake = async (
        { server, way }: typeof first,
        next: typeof first,
        inTheMiddle: () => Promise<unknown>,
      ): Promise<void> => {
        server.child.kill('SIGSTOP')
        const pausedAt = Date.now()
        await acts(next.server)
        t.diagnostic(`the next one acts ${Date.now() - pausedAt} ms after the pause`)
        await inTheMiddle()
        const wokenAt = Date.now()
        server.child.kill('SIGCONT')
        assert.equal(await Promise.race([server.ended, wait(20_000, 'it goes on')]), 1, server.said())
        assert.match(server.said(), /delivery\.stale_writer/)
        assert.deepEqual(writesSince(way, wokenAt), [], 'it wrote nothing any more')
        assert.equal((await runs.status('shop-v2-1')).phase, 'Running')
      }
      const [one, two] = [runs.target.project, `${runs.target.project}-b`]
      await until('the first target migrates', async () => (await runs.ran('shop-migrate')).length === 1)
      await pauseAndWake(first, second, () =>
        until('the next one is at work', async () => (await runs.ran('shop-prepare')).includes(one)),
      )
      const third = await start()
      await until('the other target migrates', async () => (await runs.ran('shop-migrate')).length === 2)
      await pauseAndWake(second, third, () =>
        until('the third is at work', async () => (await runs.ran('shop-prepare')).includes(two)),
      )
      await runs.ended('shop-v2-1')
      for (const step of ['migrate', 'prepare', 'smoke'])
        assert.deepEqual(await runs.ran(`shop-${step}`), [one, two], `${step} ran once in each`)
      for (const namespace of [one, two]) {
        assert.deepEqual(await runs.version('shop', { namespace }), ['v2', 'v2'])
        await until('no Job is left', async () => (await runs.jobs('east', namespace)).length === 0)
      }
      assert.equal(third.server.child.exitCode, null, third.server.said())
      const { phase, steps, attempt } = await runs.at('shop-v2-1', 'east')
      assert.deepEqual([phase, attempt, steps?.map((step) => step.attempt)], ['Succeeded', 0, [0, 0, 0]])
    })
  },
)

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address === 'object' && address !== null) return address.port
  throw new Error('no port was free')
}
