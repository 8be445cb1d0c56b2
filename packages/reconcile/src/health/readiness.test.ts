import assert from 'node:assert/strict'
import { test } from 'node:test'
import { computeImages, computeReadiness } from './readiness.ts'

const template = {
  spec: { initContainers: [{ image: 'init:1' }], containers: [{ image: 'web:2' }, { image: 'web:2' }, {}] },
}
const metadata = { name: 'x' }

test('lists the images of a workload once each, init containers first', () => {
  const workload = { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { template } }
  assert.deepEqual(computeImages(workload), ['init:1', 'web:2'])
  const schedule = { apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec: { jobTemplate: { spec: { template } } } }
  assert.deepEqual(computeImages(schedule), ['init:1', 'web:2'])
  assert.deepEqual(computeImages({ apiVersion: 'v1', kind: 'Pod', metadata, ...template }), ['init:1', 'web:2'])
  assert.deepEqual(computeImages({ apiVersion: 'v1', kind: 'Service', metadata, spec: {} }), [])
})

test('counts ready and wanted pods of what runs pods for good', () => {
  const set = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata,
    spec: { replicas: 3 },
    status: { readyReplicas: 1 },
  }
  assert.deepEqual(computeReadiness(set), { ready: 1, wanted: 3 })
  const daemon = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata,
    status: { desiredNumberScheduled: 2, numberReady: 2 },
  }
  assert.deepEqual(computeReadiness(daemon), { ready: 2, wanted: 2 })
  assert.equal(computeReadiness({ apiVersion: 'v1', kind: 'Service', metadata }), undefined)
})
