import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { createKubeClient, type KubeClient, systemClock } from '@flotilla/kube'
import { connectionOf } from '@flotilla/kube/testing/connection-of'
import { openTestFleet } from '@flotilla/local'
import { systemNamespace } from '@flotilla/model'
import { createNamespace } from '../namespace-steps.ts'
import { type AgentKeyStore, createAgentKeyStore } from './agent-key-store.ts'
import { agentSecretName, hashOfKey } from './agent-secret.ts'

describe('the keys of agents in the host', () => {
  const cluster = `keys-${randomBytes(3).toString('hex')}`
  const ending = new AbortController()
  const { signal } = ending
  let ahead = 0
  let host: KubeClient
  /** Two, as of two servers of one host. */
  let mine: AgentKeyStore
  let other: AgentKeyStore
  const key = {
    group: '',
    version: 'v1',
    kind: 'Secret',
    namespace: systemNamespace,
    name: agentSecretName(cluster),
  }

  async function until(holds: () => boolean): Promise<void> {
    for (let n = 0; n < 200 && !holds(); n++) await new Promise((resolve) => setTimeout(resolve, 25))
    assert.ok(holds(), 'it did not become so in time')
  }

  before(
    async () => {
      const fleet = await openTestFleet()
      host = createKubeClient({
        name: 'hub',
        connection: connectionOf(fleet.clusters['hub']?.kubeconfig),
        userAgent: 'keys-test',
      })
      await createNamespace(host, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: systemNamespace } }, signal)
      const clock = { now: () => systemClock.now() + ahead }
      mine = createAgentKeyStore({ host, clock, signal })
      other = createAgentKeyStore({ host, clock, signal })
      await Promise.all([mine.synced(signal), other.synced(signal)])
    },
    { timeout: 300_000 },
  )
  after(async () => {
    await host.delete(key).catch(() => 'gone')
    ending.abort()
    await host.close()
  })

  test('hold no key, only what one is known by', { timeout: 30_000 }, async () => {
    const { code } = await mine.invite(cluster, undefined, signal)
    await until(() => mine.clusterOf('x') === undefined)
    const redeemed = await mine.redeem(code, signal)
    assert.equal(redeemed?.cluster, cluster)
    const { token } = redeemed
    assert.match(token, /^fla_[\w-]{43}$/)
    const stored =
      JSON.stringify(await host.get(key)) + Buffer.from(JSON.stringify(await host.get(key)), 'base64').toString()
    for (const secret of [code, token, token.slice(4)]) assert.equal(stored.includes(secret), false)
    await until(() => other.clusterOf(token) === cluster)
  })

  test(
    'a code is good once, also for two that come at the same time, and for an hour',
    { timeout: 30_000 },
    async () => {
      const { code } = await mine.invite(cluster, 'registry.example/agent:1', signal)
      await until(() => other.clusterOf('x') === undefined)
      const both = await Promise.all([mine.redeem(code, signal), mine.redeem(code, signal)])
      assert.equal(both.filter((one) => one !== undefined).length, 1)
      assert.equal(both.find((one) => one !== undefined)?.image, 'registry.example/agent:1')
      const late = await mine.invite(cluster, undefined, signal)
      ahead = 61 * 60_000
      assert.equal(await mine.redeem(late.code, signal), undefined)
      ahead = 0
      assert.equal(await mine.redeem('flj_nothing', signal), undefined)
    },
  )

  test('a further token is good beside the one in use, and with its first use alone', { timeout: 30_000 }, async () => {
    const first = await mine.issue(cluster, signal)
    await mine.used(cluster, hashOfKey(first), signal)
    const second = await mine.issue(cluster, signal)
    assert.equal(mine.clusterOf(first), cluster)
    assert.equal(mine.clusterOf(second), cluster)
    await mine.used(cluster, hashOfKey(second), signal)
    assert.equal(mine.clusterOf(first), undefined)
    assert.equal(mine.clusterOf(second), cluster)
    await until(() => other.clusterOf(first) === undefined && other.clusterOf(second) === cluster)
  })

  test(
    'what is revoked is good nowhere, at once here and soon in every other server',
    { timeout: 30_000 },
    async () => {
      const token = await mine.issue(cluster, signal)
      const { code } = await mine.invite(cluster, undefined, signal)
      await until(() => other.clusterOf(token) === cluster)
      const changed: string[] = []
      other.onChange((name) => changed.push(name))
      await mine.revoke(cluster, signal)
      assert.equal(mine.clusterOf(token), undefined)
      assert.equal(mine.isGood(cluster, hashOfKey(token)), false)
      assert.equal(await mine.redeem(code, signal), undefined)
      await until(() => other.clusterOf(token) === undefined && changed.includes(cluster))
    },
  )
})
