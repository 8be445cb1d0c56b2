import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { computeJoinSteps } from './compute-join-steps.ts'

const since = '2026-01-01T00:00:00Z'
const nodes = { ready: 1, total: 1 }
const version = 'v1.36.3'
const connected = { state: 'connected', since, version } as const
const lost = { state: 'lost', since, reason: 'no answer' } as const
const open = { agent: { connected: true } }

describe('the steps of a cluster that an agent connects', () => {
  const cases = [
    ['nothing is known of it yet', undefined, 'dialled'],
    ['no agent has come', { connection: lost, agent: { connected: false } }, 'dialled'],
    [
      'the agent is there, and its API server is asked',
      { connection: { state: 'connecting', since }, ...open },
      'reached',
    ],
    ['the agent is there, and its API server does not answer', { connection: lost, ...open }, 'reached'],
    ['it answers', { connection: connected, ...open }, 'version'],
    ['its version is known', { connection: connected, version, ...open }, 'ready'],
    ['its nodes are known', { connection: connected, version, nodes, ...open }, undefined],
    // what was seen last stays beside a cluster that is lost
    ['it was there, and its agent went', { connection: lost, version, nodes, agent: { connected: false } }, 'dialled'],
  ] as const
  for (const [name, cluster, now] of cases)
    test(name, () => {
      const steps = computeJoinSteps(cluster)
      assert.equal(steps.find(({ state }) => state === 'now')?.id, now)
      const states = steps.map(({ state }) => state).join(' ')
      assert.match(states, /^done( done)*( now)?( later)*$/)
    })

  test('say why the API server is not reached, and which version it has', () => {
    const at = (id: string, cluster: Parameters<typeof computeJoinSteps>[0]) =>
      computeJoinSteps(cluster).find((step) => step.id === id)?.about
    assert.equal(at('reached', { connection: lost, ...open }), 'no answer')
    assert.equal(at('reached', { connection: lost, agent: { connected: false } }), undefined)
    assert.equal(at('version', { connection: connected, version, nodes, ...open }), version)
  })
})
