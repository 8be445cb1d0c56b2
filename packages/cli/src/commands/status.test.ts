import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ApplicationDetail } from '@flotilla/api'
import { annotations, type HealthState } from '@flotilla/model'
import { isHealthy } from './status.ts'

const before = '2026-01-01T00:00:00.000Z ann'
const ours = '2026-01-02T00:00:00.000Z ben'
const later = '2026-01-03T00:00:00.000Z ann'

describe('what is waited for', () => {
  test('is not the verdict from before an edit', () => {
    assert.equal(isHealthy(detail({ generation: 4, observed: 4 }), { generation: 5 }), false, 'seen before the edit')
    assert.equal(isHealthy(detail({ generation: 5, observed: 4 }), { generation: 5 }), false)
    assert.equal(isHealthy(detail({ generation: 5, observed: 5 }), { generation: 5 }), true)
    assert.equal(isHealthy(detail({ generation: 6, observed: 6 }), { generation: 5 }), true)
  })

  test('is not the verdict from before a sync, which bumps no generation', () => {
    const asked = { generation: 4, syncRequest: ours }
    assert.equal(isHealthy(detail({ asked: before, answered: before }), asked), false, 'seen before the sync')
    assert.equal(isHealthy(detail({ asked: ours, answered: before }), asked), false)
    assert.equal(isHealthy(detail({ asked: ours, answered: ours }), asked), true)
    assert.equal(isHealthy(detail({ asked: later, answered: ours }), asked), false)
    assert.equal(isHealthy(detail({ asked: later, answered: later }), asked), true)
  })

  test('is over where a part is suspended on purpose, and not where one is still on its way', () => {
    assert.equal(isHealthy(detail({ state: 'Suspended' })), true)
    assert.equal(isHealthy(detail({ state: 'Progressing' })), false)
    assert.equal(isHealthy(detail({ state: 'Unknown' })), false)
  })
})

function detail(is: {
  generation?: number
  observed?: number
  asked?: string
  answered?: string
  state?: HealthState
}): ApplicationDetail {
  const { generation = 4, observed = 4, asked, answered, state = 'Healthy' } = is
  const conditions = [{ type: 'Ready', status: 'True', reason: 'Healthy', message: '', lastTransitionTime: before }]
  return {
    application: {
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'Application',
      metadata: {
        name: 'web',
        generation,
        ...(asked === undefined ? {} : { annotations: { [annotations.syncRequest]: asked } }),
      },
      status: {
        observedGeneration: observed,
        conditions,
        ...(answered === undefined ? {} : { syncRequest: answered }),
      },
    },
    project: 'shop',
    name: 'web',
    health: { state, unknown: 0, total: 1 },
    sentence: { code: 'healthy', headline: 'Healthy', detail: '', clusters: [] },
    matrix: {
      targets: [{ cluster: 'east', namespace: 'shop', health: 'Healthy', current: true }],
      components: [],
      cells: [],
    },
    findings: [],
    waitingFor: [],
    paused: false,
    sources: [],
  }
}
