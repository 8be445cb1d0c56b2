import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { ApiClient } from '@flotilla/api'
import { type Fleet, openTestFleet, type LocalCluster } from '@flotilla/local'
import { parseYaml } from '@flotilla/render'
import { runProgram } from '../e2e/support/run-program.ts'
import { until } from '../e2e/support/prepare-project.ts'
import { type RunningFlotilla, startFlotilla } from '../e2e/support/start-flotilla.ts'
import type { AgentEvent, AgentsMessage } from './support/agents-message.ts'
import { connectionOf } from '../packages/kube/src/testing/connection-of.ts'
import { readProcessUse } from './support/process-use.ts'
import { spreadOf } from './support/statistics.ts'
import type { Outcome } from './support/write-result.ts'
import type { RunOptions } from './run.ts'

const count = 100
const processes = 4
const member = 'east'
const account = 'bench-agents'
const megabytes = 512
/** Two tunnels of each: as many as there are, in no second. */
const burstToReach = count
const restMs = 20_000

interface Round {
  /** From the server's first answer to the last tunnel of all. */
  readonly backSeconds: number
  /** From there until every cluster is connected for people. */
  readonly connectedSeconds: number
  readonly attempts: number
  readonly mostPerSecond: number
  readonly peakMb: number
  readonly restMb: number
}

/** A hundred agents on real tunnels, and a server that is killed: how they come back, and what it takes. */
export async function runAgents({ rounds = 3, signal, say }: RunOptions): Promise<Outcome> {
  const fleet = await openTestFleet()
  const east = fleet.clusters[member]
  assert.ok(east !== undefined)
  const dir = await mkdtemp(path.join(tmpdir(), 'flotilla-bench-agents-'))
  const server = await startFlotilla({ fleet, listenAt: fleet.registry.address.split(':')[0] ?? '' })
  const names = Array.from({ length: count }, (_, at) => `bench-${String(at).padStart(3, '0')}`)
  const events: AgentEvent[] = []
  const children: ChildProcess[] = []
  const kubectl = (...args: string[]) => kubectlOf(fleet, east, args)
  try {
    await makeAccount(kubectl, dir, east)
    const api = await server.api()
    const message = await addClusters(api, names, dir, east)
    for (let at = 0; at < processes; at++) {
      const child = fork(path.join(import.meta.dirname, 'support/agents-process.ts'))
      child.on('message', (told: AgentEvent) => events.push(told))
      child.send({ ...message, agents: message.agents.filter((_, index) => index % processes === at) })
      children.push(child)
    }
    await until(() => allConnected(api, names.length), 180_000)
    const alone = (await readProcessUse(server.pid)).residentMb
    say(`${count} agents connected; the server has ${alone} MB`)

    const samples: Round[] = []
    for (let round = 0; round < rounds; round++) {
      signal.throwIfAborted()
      const one = await restartOnce(server, names, events)
      samples.push(one)
      say(
        `round ${round + 1}: all back after ${one.backSeconds.toFixed(1)} s, at most ${one.mostPerSecond}/s, ${one.attempts} attempts, ${one.peakMb} MB, ${one.restMb} MB later`,
      )
    }
    const of = (pick: (one: Round) => number) => spreadOf(samples.map(pick))
    const [burst, peak] = [of((one) => one.mostPerSecond), of((one) => one.peakMb)]
    return {
      title: 'a hundred agents and a server that is killed',
      conditions: [
        `${count} agents with a token each, in ${processes} processes, two tunnels each, TLS; the server is killed and started again on the same data.`,
        'The API server behind all of them is one and the same, so what is watched there is that of a hundred clusters, and its size that of one. Agents, server and API servers share the two processors.',
        `Memory later: ${restMs / 1000} s after all were connected.`,
      ],
      checked: 'every cluster was connected before and after, and every agent had both of its tunnels.',
      versions: {},
      figures: [
        { what: 'All tunnels open, after the server answers', unit: 's', value: of((one) => one.backSeconds) },
        { what: 'All clusters connected after that', unit: 's', value: of((one) => one.connectedSeconds) },
        {
          what: 'Attempts within one second, at most',
          unit: '',
          value: burst,
          toReach: `< ${burstToReach}`,
          reached: burst.highest < burstToReach,
        },
        { what: 'Attempts until all were back', unit: '', value: of((one) => one.attempts) },
        {
          what: 'Memory of the server, at most',
          unit: 'MB',
          value: peak,
          toReach: `<= ${megabytes} MB`,
          reached: peak.highest <= megabytes,
        },
        { what: 'Memory of the server, later', unit: 'MB', value: of((one) => one.restMb) },
      ],
      samples: { alone, rounds: samples },
    }
  } finally {
    const api = await server.api().catch(() => undefined)
    if (api !== undefined) await removeClusters(api)
    for (const child of children) child.disconnect()
    await kubectl('delete', 'clusterrolebinding', account, '--ignore-not-found')
    await kubectl('-n', 'kube-system', 'delete', 'serviceaccount', account, '--ignore-not-found')
    await server.stop()
    await rm(dir, { recursive: true, force: true })
  }
}

async function restartOnce(server: RunningFlotilla, names: readonly string[], events: AgentEvent[]): Promise<Round> {
  events.length = 0
  await server.restart()
  let peakMb = 0
  const look = async () => (peakMb = Math.max(peakMb, (await readProcessUse(server.pid)).residentMb))
  const looking = setInterval(() => void look().catch(() => 'it is being ended'), 250)
  const began = Date.now()
  const opened = () => events.filter(({ event }) => event === 'tunnel open')
  await until(() => Promise.resolve(opened().length >= 2 * names.length), 120_000, 100)
  const last = Math.max(...opened().map(({ at }) => at))
  const api = await server.api()
  await until(() => allConnected(api, names.length), 120_000)
  const connected = Date.now()
  await wait(restMs)
  assert.ok(await allConnected(api, names.length), 'a cluster was lost again')
  clearInterval(looking)
  const { residentMb: restMb } = await readProcessUse(server.pid)
  // those that met nobody are no load for the server
  const attempts = events.filter(
    ({ event, code }) => event === 'tunnel open' || (event === 'server not reached' && code !== 'ECONNREFUSED'),
  )
  const perSecond = new Map<number, number>()
  for (const { at } of attempts) perSecond.set(Math.floor(at / 1000), (perSecond.get(Math.floor(at / 1000)) ?? 0) + 1)
  return {
    backSeconds: (last - began) / 1000,
    connectedSeconds: Math.max(0, connected - last) / 1000,
    attempts: attempts.length,
    mostPerSecond: Math.max(...perSecond.values()),
    peakMb,
    restMb,
  }
}

async function allConnected(api: ApiClient, wanted: number): Promise<boolean> {
  const { items } = await api.clusters.list({ query: { state: 'connected', limit: 1000 } })
  return items.length === wanted
}

/** What the pods of agents would have: one account of the member for all. */
async function makeAccount(kubectl: Kubectl, dir: string, east: LocalCluster): Promise<void> {
  await kubectl('-n', 'kube-system', 'create', 'serviceaccount', account)
  await kubectl(
    'create',
    'clusterrolebinding',
    account,
    '--clusterrole=cluster-admin',
    `--serviceaccount=kube-system:${account}`,
  )
  await writeFile(path.join(dir, 'token'), await kubectl('-n', 'kube-system', 'create', 'token', account))
  await writeFile(path.join(dir, 'ca.crt'), connectionOf(east.kubeconfig).caPem ?? '')
}

async function addClusters(
  api: ApiClient,
  names: readonly string[],
  dir: string,
  east: LocalCluster,
): Promise<AgentsMessage> {
  const caFile = path.join(dir, 'server-ca.crt')
  let server = ''
  let serverName = ''
  const agents: { cluster: string; tokenFile: string }[] = []
  for (const name of names) {
    const { manifest = '' } = await api.agents.add({ body: { name, edge: false, form: 'values' } })
    const [read] = await parseYaml(manifest, { field: 'values' })
    const values = read as Record<'server' | 'token' | 'ca' | 'serverName', string>
    ;({ server, serverName } = values)
    const tokenFile = path.join(dir, `${name}.token`)
    await writeFile(tokenFile, values.token)
    await writeFile(caFile, values.ca)
    agents.push({ cluster: name, tokenFile })
  }
  const { hostname, port } = new URL(east.server)
  return { server, serverName, caFile, accountDir: dir, apiServer: { host: hostname, port: Number(port) }, agents }
}

async function removeClusters(api: ApiClient): Promise<void> {
  const { items } = await api.clusters.list({ query: { limit: 1000 } })
  for (const { name } of items)
    if (name.startsWith('bench-')) await api.clusters.remove({ params: { cluster: name }, query: { objects: 'keep' } })
  await until(async () => (await api.clusters.list()).items.every(({ name }) => !name.startsWith('bench-')), 180_000)
}

type Kubectl = (...args: string[]) => Promise<string>

async function kubectlOf(fleet: Fleet, cluster: LocalCluster, args: readonly string[]): Promise<string> {
  const env = { KUBECONFIG: cluster.kubeconfigPath }
  const { code, output } = await runProgram(path.join(fleet.dir, 'bin/kubectl'), args, env)
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${output}`)
  return output.trim()
}
