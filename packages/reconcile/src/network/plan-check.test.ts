import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { annotations, type ClusterNetworkPolicy } from '@flotilla/model'
import { aCluster } from '../testing/fleet-world.ts'
import { computeNetworkPolicy, isCheckDue, type NetworkCheckRun, networkMark } from './plan-check.ts'

const mark = 'v1.36.3'
const now = '2026-05-02T12:00:00.000Z'
const ago = (seconds: number): string => new Date(Date.parse(now) - seconds * 1000).toISOString()
const measured = (state: ClusterNetworkPolicy['state'], seconds: number, more: object = {}): ClusterNetworkPolicy => ({
  state,
  since: ago(90_000),
  checkedAt: ago(seconds),
  message: 'seen',
  seen: mark,
  ...more,
})
const idle: NetworkCheckRun = { state: 'idle' }

describe('whether a cluster is measured now', () => {
  const cases: readonly (readonly [
    string,
    { status?: ClusterNetworkPolicy; wanted?: boolean; asked?: string; run?: NetworkCheckRun; mark?: string },
    boolean,
  ])[] = [
    ['a project asks for isolation, and nothing is known', {}, true],
    ['nobody asks for isolation', { wanted: false }, false],
    ['nobody asks for isolation any more', { wanted: false, status: measured('Enforced', 200_000) }, false],
    ['an administrator asks', { wanted: false, asked: 'a' }, true],
    [
      'the administrator was answered',
      { wanted: false, asked: 'a', status: measured('Enforced', 9, { request: 'a' }) },
      false,
    ],
    ['the administrator asks again', { asked: 'b', status: measured('Enforced', 9, { request: 'a' }) }, true],
    ['it runs already', { asked: 'b', run: { state: 'running' } }, false],
    ['it is known since today', { status: measured('Enforced', 20_000) }, false],
    ['it is known since yesterday', { status: measured('NotEnforced', 90_000) }, true],
    ['it was not known some minutes ago', { status: measured('Unknown', 301) }, true],
    ['it was not known a minute ago', { status: measured('Unknown', 70) }, false],
    ['the cluster was upgraded', { status: measured('Enforced', 61), mark: 'v1.37.0' }, true],
    ['the cluster changes all the time', { status: measured('Enforced', 30), mark: 'v1.37.0' }, false],
    ['the clock was put back', { status: measured('Enforced', -90_000) }, true],
    [
      'it was just measured, and the status does not say so yet',
      { run: { state: 'ended', result: measured('Enforced', 1) } },
      false,
    ],
  ]
  for (const [what, { status, wanted = true, asked, run = idle, mark: is = mark }, due] of cases) {
    test(`${due ? 'yes' : 'no'}, when ${what}`, () => {
      const meta = asked === undefined ? {} : { annotations: { [annotations.networkCheck]: asked } }
      const cluster = aCluster('east', meta)
      const object = status === undefined ? cluster : { ...cluster, status: { networkPolicy: status } }
      assert.equal(isCheckDue(object, { wanted, run }, { mark: is, now }), due)
    })
  }

  test('a network plugin that comes or goes makes it another cluster; other groups do not', () => {
    assert.equal(networkMark('v1', ['apps', 'batch']), networkMark('v1', ['monitoring.coreos.com', 'apps']))
    assert.notEqual(networkMark('v1', ['apps']), networkMark('v1', ['apps', 'cilium.io']))
    assert.notEqual(networkMark('v1', ['apps']), networkMark('v1', ['crd.projectcalico.org']))
  })
})

describe('what the status says', () => {
  const ended = (state: ClusterNetworkPolicy['state'], seconds = 0): NetworkCheckRun => {
    const { since: _since, ...result } = measured(state, seconds)
    return { state: 'ended', result }
  }
  test('holds its since while the state holds, and a newer result wins', () => {
    const before = measured('Enforced', 90_000)
    assert.equal(computeNetworkPolicy(before, idle), before)
    assert.deepEqual(computeNetworkPolicy(before, ended('Enforced')), { ...before, checkedAt: now })
    assert.equal(computeNetworkPolicy(before, ended('NotEnforced'))?.since, now)
    assert.equal(computeNetworkPolicy(before, ended('NotEnforced', 100_000)), before, 'another server knew more')
    assert.equal(computeNetworkPolicy(undefined, ended('Unknown'))?.since, now)
  })
})
