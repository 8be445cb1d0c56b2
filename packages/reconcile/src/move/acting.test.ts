import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '@flotilla/model'
import { type ActingObjects, computeActing, computeUnstill, findUnready } from './acting.ts'

const ours = { 'flotilla.dev/application': 'shop' }
const owned = (kind: string, name: string) => [{ apiVersion: '', kind, name, uid: `uid-${name}` }]
const object = (kind: string, name: string, more: object = {}, meta: object = {}): KubeObject => ({
  apiVersion: kind === 'CronJob' || kind === 'Job' ? 'batch/v1' : kind === 'Pod' ? 'v1' : 'apps/v1',
  kind,
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, generation: 1, ...meta },
  ...more,
})
const cronJob = (suspend: boolean) => object('CronJob', 'nightly', { spec: { suspend } }, { labels: ours })
const worker = (replicas: number, status: object = {}) =>
  object(
    'Deployment',
    'worker',
    { spec: { replicas }, status: { observedGeneration: 1, ...status } },
    { labels: ours, annotations: { 'flotilla.dev/consumer': 'true' } },
  )
const nothing: ActingObjects = { cronJobs: [], workloads: [], replicaSets: [], jobs: [], pods: [] }
const look = (objects: Partial<ActingObjects>) => computeActing('shop', { ...nothing, ...objects })
const unstill = (objects: Partial<ActingObjects>) => computeUnstill(look(objects))
const pod = (name: string, owner: [string, string], phase = 'Running') =>
  object('Pod', name, { status: { phase } }, { ownerReferences: owned(...owner) })

describe('a place acts', () => {
  test('by schedules that are not suspended and consumers that are wanted, which may begin anew at any time', () => {
    assert.deepEqual(unstill({ cronJobs: [cronJob(false)] }), {
      suspended: false,
      why: 'CronJob nightly to be suspended',
    })
    assert.equal(unstill({ workloads: [worker(2)] })?.suspended, false)
    // Kubernetes means one where no number is given
    const bare = { ...worker(0), spec: {} }
    assert.equal(unstill({ workloads: [bare] })?.suspended, false)
    assert.equal(unstill({ cronJobs: [cronJob(true)], workloads: [worker(0)] }), undefined)
  })

  test('by Jobs of its CronJobs, sets and hooks that have not ended', () => {
    const job = (name: string, more: object, meta: object) => object('Job', name, more, meta)
    const ofCron = { ownerReferences: owned('CronJob', 'nightly') }
    const cronJobs = [cronJob(true)]
    assert.deepEqual(unstill({ cronJobs, jobs: [job('nightly-1', {}, ofCron)] }), {
      suspended: true,
      why: 'Job nightly-1 to end',
    })
    assert.equal(unstill({ jobs: [job('migrate', {}, { labels: ours })] })?.why, 'Job migrate to end')
    for (const type of ['Complete', 'Failed']) {
      const ended = { status: { conditions: [{ type, status: 'True' }] } }
      assert.equal(unstill({ cronJobs, jobs: [job('nightly-1', ended, ofCron)] }), undefined)
    }
    const rests = { spec: { suspend: true } }
    assert.equal(unstill({ cronJobs, jobs: [job('nightly-1', rests, ofCron)] }), undefined)
    assert.equal(unstill({ jobs: [job('theirs', {}, {})] }), undefined)
  })

  test('by pods to their last moment, also where what made them is done or gone', () => {
    const replicaSets = [object('ReplicaSet', 'worker-1', {}, { ownerReferences: owned('Deployment', 'worker') })]
    const workloads = [worker(0)]
    const left = pod('worker-1-a', ['ReplicaSet', 'worker-1'])
    assert.equal(unstill({ workloads, replicaSets, pods: [left] })?.why, 'pod worker-1-a to end')
    const done = pod('worker-1-a', ['ReplicaSet', 'worker-1'], 'Succeeded')
    assert.equal(unstill({ workloads, replicaSets, pods: [done] }), undefined)
    const orphan = pod('nightly-1-a', ['Job', 'nightly-1'])
    assert.equal(unstill({ cronJobs: [cronJob(true)], pods: [orphan] })?.why, 'pod nightly-1-a to end')
    assert.equal(unstill({ cronJobs: [cronJob(true)], pods: [pod('web-1', ['ReplicaSet', 'web'])] }), undefined)
  })

  test('until the controller of a consumer has heard that it is to have none', () => {
    const unheard = { ...worker(0), metadata: { ...worker(0).metadata, generation: 2 } }
    assert.equal(unstill({ workloads: [unheard] })?.suspended, true)
    assert.equal(unstill({ workloads: [worker(0, { replicas: 1 })] })?.suspended, true)
  })
})

test('what acts runs when each consumer that is wanted has a pod that is ready', () => {
  assert.equal(findUnready(look({ workloads: [worker(2, { readyReplicas: 0 })] }))?.name, 'Deployment worker')
  assert.equal(findUnready(look({ workloads: [worker(2, { readyReplicas: 1 })] })), undefined)
  assert.equal(findUnready(look({ workloads: [worker(0)] })), undefined)
})
