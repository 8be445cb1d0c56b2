import assert from 'node:assert/strict'
import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { addCluster, removeCluster } from './change-fleet.ts'
import { attachFleet, startFleet, type Fleet } from './fleet.ts'
import { readFleetRecord, writeFleetRecord } from './fleet-record.ts'
import { removeFleet } from './fleet-stop.ts'
import { observeKeeper } from './keeper.ts'
import { clusterPaths } from './paths.ts'
import { ownIdentity } from './process-identity.ts'
import { runCommand } from './run-command.ts'
import { eventually, kubectl, tryKubectl } from './testing/kubectl.ts'
import { openTestFleet } from './testing/open-test-fleet.ts'
import { makePackedCheckout } from './testing/packed-checkout.ts'

// A fleet of its own, beside the shared one: these tests cut, stop and kill. It is brought up as on a machine without Go.
let fleet: Fleet
let root: string
let dir: string
let said: string

before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'flotilla-faults-'))
  dir = path.join(root, 'fleet')
  const { run } = await makePackedCheckout(root)
  assert.notEqual((await run(['sh', '-c', 'command -v go'])).code, 0, 'there is no Go')
  const up = await run(['flotilla', 'local', '--dir', dir, 'up', '--no-server', '--clusters', 'north'])
  said = `${up.stdout}${up.stderr}`
  assert.equal(up.code, 0, said)
  // from here on it is cleaned also when this run is killed
  const record = await readFleetRecord(dir)
  if (record !== undefined) await writeFleetRecord({ ...record, owner: await ownIdentity() })
  fleet = await attachFleet(dir)
})

after(async () => {
  const record = await readFleetRecord(dir)
  if (record !== undefined) await removeFleet(record)
  await rm(root, { recursive: true, force: true })
})

const north = () => {
  const cluster = fleet.clusters['north']
  assert.ok(cluster !== undefined)
  return cluster
}

/** A pod that adds a line a second to a file that the host can read while the cluster is cut. */
const ticker = JSON.stringify({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'ticker' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'ticker' } },
    template: {
      metadata: { labels: { app: 'ticker' } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'ticker',
            image: 'busybox:1.35',
            command: ['sh', '-c', 'while true; do echo tick >> /ticks/ticks; echo tick; sleep 0.2; done'],
            volumeMounts: [{ name: 'ticks', mountPath: '/ticks' }],
          },
        ],
        volumes: [{ name: 'ticks', hostPath: { path: '/var/log/ticks', type: 'DirectoryOrCreate' } }],
      },
    },
  },
})

const countTicks = async () =>
  (await readFile(path.join(clusterPaths(dir, 'north').varLog, 'ticks/ticks'), 'utf8').catch(() => '')).length

describe('a cluster under faults', () => {
  test('comes up from the packed parts alone: nothing is compiled', () => {
    assert.doesNotMatch(said, /compil/i)
    for (const part of ['kubernetes', 'containerd', 'registry'])
      assert.match(said, new RegExp(`${part} [^:]*: unpacking`))
  })

  test('stands beside another fleet with a network of its own', async () => {
    const shared = await openTestFleet()
    const mine = await readFleetRecord(dir)
    const other = await readFleetRecord(shared.dir)
    assert.notEqual(mine?.second, other?.second)
    assert.notEqual(mine?.bridge, other?.bridge)
    // its other clusters may be cut off just now, by another test
    assert.match(await kubectl(shared, 'hub', ['get', 'nodes', '-o', 'name']), /^node\/hub$/m)
    assert.match(await kubectl(fleet, 'north', ['get', 'nodes', '-o', 'name']), /^node\/north$/m)
  })

  test('goes on by itself while it is cut, and answers again once healed', async () => {
    await kubectl(fleet, 'north', ['apply', '-f', '-'], ticker)
    await kubectl(fleet, 'north', ['rollout', 'status', 'deployment/ticker', '--timeout=60s'])
    await north().cut()
    try {
      const began = Date.now()
      const asked = await tryKubectl(fleet, 'north', ['get', 'nodes', '--request-timeout=2s'])
      assert.notEqual(asked.code, 0)
      // silence, not a refusal: the request waits until its own time is up
      assert.ok(Date.now() - began >= 1900)
      const ticks = await countTicks()
      await sleep(1500)
      assert.ok((await countTicks()) > ticks)
    } finally {
      await north().heal()
    }
    await kubectl(fleet, 'north', ['get', 'nodes'])
    await north().heal()
  })

  test('is off when it is stopped, and has its data and its pods back when it is started', async () => {
    await kubectl(fleet, 'north', ['create', 'configmap', 'kept', '--from-literal=a=b'])
    await north().stop()
    const ticks = await countTicks()
    await sleep(700)
    assert.equal(await countTicks(), ticks)
    assert.equal(await findProcesses(), '')
    await north().start()
    assert.equal(await kubectl(fleet, 'north', ['get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}']), 'b')
    await eventually('the pod ticks again', async () => (await countTicks()) > ticks)
  })

  test('leaves no process when its keeper is killed, and starts over what is left', async () => {
    const keeper = await observeKeeper(clusterPaths(dir, 'north').keeperStatus)
    assert.ok(keeper !== undefined)
    process.kill(keeper.pid, 'SIGKILL')
    await eventually('nothing of it runs', async () => (await findProcesses()) === '', 5)
    await north().start()
    assert.equal(await kubectl(fleet, 'north', ['get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}']), 'b')
  })

  test('a daemon that dies is started again', async () => {
    const find = async () => (await runCommand(['pgrep', '-f', `kube-scheduler.*${dir}`])).stdout.trim()
    const first = await find()
    assert.match(first, /^\d+$/)
    process.kill(Number(first), 'SIGKILL')
    await eventually('another scheduler runs', async () => /^\d+$/.test(await find()) && (await find()) !== first, 10)
  })

  test('one more cluster has simulated nodes whose pods run on paper, and goes without a trace', async () => {
    const grown = await addCluster(dir, { name: 'scale', fakeNodes: 5 }, {})
    const ready = ['get', 'nodes', '-l', 'type=kwok', '--no-headers']
    await eventually(
      'five simulated nodes are ready',
      async () => [...(await kubectl(grown, 'scale', ready)).matchAll(/ Ready /g)].length === 5,
    )
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'paper' },
      spec: {
        nodeSelector: { type: 'kwok' },
        tolerations: [{ key: 'kwok.x-k8s.io/node', operator: 'Exists' }],
        containers: [{ name: 'a', image: 'nowhere/none:1' }],
      },
    }
    await kubectl(grown, 'scale', ['apply', '-f', '-'], JSON.stringify(pod))
    await eventually(
      'the pod runs',
      async () =>
        (await kubectl(grown, 'scale', ['get', 'pod', 'paper', '-o', 'jsonpath={.status.phase}'])) === 'Running',
    )
    await removeCluster(dir, 'scale')
    await assert.rejects(access(clusterPaths(dir, 'scale').dir))
    assert.deepEqual(
      (await readFleetRecord(dir))?.clusters.map(({ name }) => name),
      ['north'],
    )
  })

  test('starting a fleet that runs changes nothing and is quick', async () => {
    const before = await observeKeeper(clusterPaths(dir, 'north').keeperStatus)
    fleet = await startFleet({ dir, name: 'faults', clusters: [{ name: 'north' }], owned: true })
    assert.deepEqual(await observeKeeper(clusterPaths(dir, 'north').keeperStatus), before)
  })
})

/** Processes whose command line names this fleet's folder, but not our own tools that ask. */
async function findProcesses(): Promise<string> {
  return (await runCommand(['pgrep', '-af', `${dir}/clusters/north/`])).stdout.trim()
}
