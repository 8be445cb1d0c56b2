import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, test, type TestContext } from 'node:test'
import { silentLog } from '@flotilla/engine'
import { systemClock } from '@flotilla/kube'
import { listen, openWire } from '@flotilla/tunnel/testing/open-wire'
import { type AgentTunnels, createAgentTunnels } from './agent-tunnels.ts'

const account = { caPem: 'ca', token: 'a-token', serverName: '10.0.0.1' }
const port = 8443
const at = (purpose: 'interactive' | 'bulk') => ({
  host: 'kubernetes.default.svc',
  port: 443,
  signal: AbortSignal.timeout(5_000),
  purpose,
})

async function until(holds: () => boolean): Promise<void> {
  for (let n = 0; n < 500 && !holds(); n++) await sleep(10)
  assert.ok(holds(), 'it did not become so in time')
}

async function* tell(line: string): AsyncGenerator<string> {
  yield `${line}\n`
  await sleep(60_000, undefined, { ref: false })
}

/** One agent of a cluster with its two tunnels, over real sockets. */
async function connectAgent(t: TestContext, tunnels: AgentTunnels, epoch: number, key = 'k1', says = account) {
  const target = await listen((socket) => socket.pipe(socket))
  t.after(target.close)
  const open = async (ofClass: 'interactive' | 'bulk') => {
    const wire = await openWire({
      target: target.port,
      answer: ({ path }) => (path === '/v1/account' ? tell(JSON.stringify(says)) : undefined),
    })
    t.after(wire.close)
    tunnels.take(wire.server, { cluster: 'east', class: ofClass, epoch, keyHash: key })
    return wire
  }
  return { interactive: await open('interactive'), bulk: await open('bulk') }
}

describe('the tunnels of agents', () => {
  const fresh = () => createAgentTunnels({ clock: systemClock, log: silentLog, port })

  test('lead to the cluster, each purpose over its own, and tell how to prove oneself there', async (t) => {
    const tunnels = fresh()
    assert.equal(tunnels.account('east'), undefined)
    await assert.rejects(tunnels.connectTo('east')(at('bulk')), (error: Error) => {
      assert.match(error.message, /^The agent has not connected; check .* on port 8443\.$/)
      return true
    })
    const agent = await connectAgent(t, tunnels, 1)
    await until(() => tunnels.account('east') !== undefined)
    assert.deepEqual(tunnels.account('east'), account)
    assert.equal(tunnels.isConnected('east'), true)
    for (const purpose of ['interactive', 'bulk'] as const) {
      const stream = await tunnels.connectTo('east')(at(purpose))
      assert.equal(agent[purpose].server.load.streams, purpose === 'interactive' ? 2 : 1)
      stream.end('hello')
      assert.equal(await text(stream), 'hello')
    }
    await assert.rejects(tunnels.connectTo('west')(at('bulk')), { code: 'cluster.unreachable' })
  })

  test('of a newer agent fence those of an older one, which is not let in again while the newer one is there', async (t) => {
    const tunnels = fresh()
    const first = tunnels.admit('east', 0) ?? 0
    const old = await connectAgent(t, tunnels, first)
    const second = tunnels.admit('east', 0) ?? 0
    assert.ok(second > first)
    const young = await connectAgent(t, tunnels, second)
    assert.equal(await old.interactive.agent.ended, 'fenced')
    assert.equal(await old.bulk.agent.ended, 'fenced')
    assert.equal(tunnels.admit('east', first), undefined)
    assert.equal(tunnels.admit('east', second), second)
    assert.equal(tunnels.admit('west', first), first, 'another cluster has nothing to do with it')
    young.interactive.server.end('stopping')
    young.bulk.server.end('stopping')
    await Promise.all([young.interactive.agent.ended, young.bulk.agent.ended])
    // nobody is connected any more
    await until(() => tunnels.admit('east', first) === first)
  })

  test('of the same agent take the place of each other, one class at a time', async (t) => {
    const tunnels = fresh()
    const before = await connectAgent(t, tunnels, 5)
    await connectAgent(t, tunnels, 5)
    assert.equal(await before.bulk.agent.ended, 'fenced')
    assert.equal(tunnels.isConnected('east'), true)
  })

  test('end when their key is good no longer, and stay when the same agent has shown the next one', async (t) => {
    const tunnels = fresh()
    const agent = await connectAgent(t, tunnels, 3, 'old')
    tunnels.proven('east', 3, 'new')
    tunnels.endUnless('east', (hash) => hash === 'new')
    assert.equal(tunnels.isConnected('east'), true)
    tunnels.endUnless('east', () => false)
    assert.equal(await agent.interactive.agent.ended, 'revoked')
    assert.equal(await agent.bulk.agent.ended, 'revoked')
    await until(() => !tunnels.isConnected('east'))
    assert.deepEqual(tunnels.account('east'), account, 'a lost cluster is still known')
  })

  test('end when their agent tells no account', async (t) => {
    const tunnels = fresh()
    const agent = await connectAgent(t, tunnels, 1, 'k', { ...account, token: 'has a blank' })
    assert.equal(await agent.interactive.agent.ended, 'stopping')
    assert.equal(tunnels.account('east'), undefined)
  })
})
