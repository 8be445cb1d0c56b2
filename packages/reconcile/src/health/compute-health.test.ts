import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { HealthState, KubeObject } from '@flotilla/model'
import * as fc from 'fast-check'
import { computeHealth } from './compute-health.ts'

type Fields = Record<string, unknown>
const object = (apiVersion: string, kind: string, fields: Fields, generation = 1): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'web', namespace: 'shop', generation },
  ...fields,
})
const deployment = (spec: Fields, status: Fields, generation = 1): KubeObject =>
  object('apps/v1', 'Deployment', { spec, status: { observedGeneration: 1, ...status } }, generation)
const condition = (type: string, status: string, reason = '', message = ''): Fields => ({
  type,
  status,
  reason,
  message,
})
const claim = (phase: string): KubeObject => object('v1', 'PersistentVolumeClaim', { status: { phase } })
const job = (spec: Fields, status: Fields): KubeObject => object('batch/v1', 'Job', { spec, status })
const set = (spec: Fields, status: Fields): KubeObject =>
  object('apps/v1', 'StatefulSet', { spec, status: { observedGeneration: 1, ...status } })
const daemon = (status: Fields, spec: Fields = {}): KubeObject =>
  object('apps/v1', 'DaemonSet', { spec, status: { observedGeneration: 1, ...status } })
const full = { replicas: 3, updatedReplicas: 3, availableReplicas: 3, readyReplicas: 3 }

const cases: readonly [string, KubeObject, HealthState, RegExp][] = [
  ['a complete deployment', deployment({ replicas: 3 }, full), 'Healthy', /^$/],
  ['a deployment at zero', deployment({ replicas: 0 }, {}), 'Healthy', /^$/],
  ['a deployment nobody looked at', object('apps/v1', 'Deployment', { spec: {} }), 'Progressing', /not looked/],
  ['a deployment changed since', deployment({ replicas: 3 }, full, 2), 'Progressing', /last change/],
  [
    'a rollout on its way',
    deployment({ replicas: 3 }, { ...full, updatedReplicas: 1 }),
    'Progressing',
    /1 of 3 pods updated/,
  ],
  [
    'old pods still there',
    deployment({ replicas: 3 }, { ...full, replicas: 4 }),
    'Progressing',
    /1 pod of the version/,
  ],
  [
    'pods not available',
    deployment({ replicas: 3 }, { ...full, availableReplicas: 2 }),
    'Progressing',
    /2 of 3 pods available/,
  ],
  [
    'no progress, some available',
    deployment(
      { replicas: 3 },
      { ...full, availableReplicas: 2, conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded')] },
    ),
    'Degraded',
    /2 of 3 pods available; no progress within 600 s/,
  ],
  [
    'no progress, none available',
    deployment(
      { replicas: 1, progressDeadlineSeconds: 30 },
      { conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded')] },
    ),
    'Failed',
    /within 30 s/,
  ],
  [
    'a quota in the way',
    deployment(
      { replicas: 3 },
      { conditions: [condition('ReplicaFailure', 'True', 'FailedCreate', 'exceeded quota: q')] },
    ),
    'Degraded',
    /exceeded quota/,
  ],
  ['a paused rollout', deployment({ replicas: 3, paused: true }, { replicas: 3 }), 'Suspended', /paused/],
  ['a paused rollout that was complete', deployment({ replicas: 3, paused: true }, full), 'Healthy', /^$/],

  ['a stateful set', set({ replicas: 2 }, { replicas: 2, readyReplicas: 2 }), 'Healthy', /^$/],
  ['a stateful set not ready', set({ replicas: 2 }, { replicas: 2, readyReplicas: 1 }), 'Progressing', /1 of 2/],
  [
    'a stateful set between revisions',
    set(
      { replicas: 2 },
      { replicas: 2, readyReplicas: 2, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
    ),
    'Progressing',
    /1 of 2 pods updated/,
  ],
  [
    'a stateful set with its partition reached',
    set(
      { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } },
      { replicas: 3, readyReplicas: 3, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
    ),
    'Healthy',
    /^$/,
  ],
  [
    'a stateful set that is updated by deleting pods',
    set(
      { replicas: 1, updateStrategy: { type: 'OnDelete' } },
      { replicas: 1, readyReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
    ),
    'Healthy',
    /^$/,
  ],
  [
    'a stateful set shrinking',
    set({ replicas: 1 }, { replicas: 2, readyReplicas: 2 }),
    'Progressing',
    /1 pod too many/,
  ],

  [
    'a daemon set',
    daemon({ desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 }),
    'Healthy',
    /^$/,
  ],
  [
    'a daemon set on its way',
    daemon({ desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1 }),
    'Progressing',
    /1 of 2 nodes/,
  ],
  ['a daemon set without nodes', daemon({ desiredNumberScheduled: 0 }), 'Healthy', /^$/],
  [
    'a daemon set updated by deleting pods',
    daemon({ desiredNumberScheduled: 1, numberAvailable: 1 }, { updateStrategy: { type: 'OnDelete' } }),
    'Healthy',
    /^$/,
  ],

  [
    'a replica set',
    object('apps/v1', 'ReplicaSet', {
      spec: { replicas: 1 },
      status: { observedGeneration: 1, replicas: 1, availableReplicas: 1 },
    }),
    'Healthy',
    /^$/,
  ],

  [
    'a job at work',
    job({ completions: 3 }, { succeeded: 1, failed: 2 }),
    'Progressing',
    /1 of 3 completed; 2 pods failed/,
  ],
  ['a job done', job({}, { conditions: [condition('Complete', 'True')] }), 'Healthy', /^$/],
  [
    'a job failed',
    job({}, { conditions: [condition('Failed', 'True', 'BackoffLimitExceeded', 'too many tries')] }),
    'Failed',
    /too many tries/,
  ],
  ['a job suspended', job({ suspend: true }, {}), 'Suspended', /suspended/],
  ['a cron job', object('batch/v1', 'CronJob', { spec: {} }), 'Healthy', /^$/],
  ['a cron job suspended', object('batch/v1', 'CronJob', { spec: { suspend: true } }), 'Suspended', /schedule/],

  ['a service', object('v1', 'Service', { spec: { type: 'ClusterIP' } }), 'Healthy', /^$/],
  [
    'a load balancer without an address',
    object('v1', 'Service', { spec: { type: 'LoadBalancer' }, status: { loadBalancer: {} } }),
    'Progressing',
    /load balancer/,
  ],
  [
    'a load balancer with an address',
    object('v1', 'Service', {
      spec: { type: 'LoadBalancer' },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
    }),
    'Healthy',
    /^$/,
  ],
  ['an ingress', object('networking.k8s.io/v1', 'Ingress', { status: { loadBalancer: {} } }), 'Healthy', /^$/],

  ['a claim bound', claim('Bound'), 'Healthy', /^$/],
  ['a claim waiting', claim('Pending'), 'Progressing', /waits for a volume/],
  ['a claim lost', claim('Lost'), 'Failed', /no longer exists/],
  [
    'a volume released',
    object('v1', 'PersistentVolume', { status: { phase: 'Released' } }),
    'Degraded',
    /not been reclaimed/,
  ],

  [
    'an autoscaler without metrics',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      status: { conditions: [condition('ScalingActive', 'False', 'FailedGetResourceMetric', 'no metrics')] },
    }),
    'Degraded',
    /no metrics/,
  ],
  [
    'an autoscaler switched off by scaling to zero',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      status: { conditions: [condition('ScalingActive', 'False', 'ScalingDisabled', 'replicas is zero')] },
    }),
    'Suspended',
    /zero/,
  ],
  [
    'a disruption budget not met',
    object('policy/v1', 'PodDisruptionBudget', {
      status: { observedGeneration: 1, desiredHealthy: 2, currentHealthy: 1 },
    }),
    'Degraded',
    /1 of at least 2/,
  ],

  [
    'a definition',
    object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {
      status: { conditions: [condition('NamesAccepted', 'True'), condition('Established', 'True')] },
    }),
    'Healthy',
    /^$/,
  ],
  [
    'a definition whose names are taken',
    object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {
      status: { conditions: [condition('NamesAccepted', 'False', 'ListKindConflict', 'taken')] },
    }),
    'Failed',
    /taken/,
  ],
  [
    'an API that does not answer',
    object('apiregistration.k8s.io/v1', 'APIService', {
      status: { conditions: [condition('Available', 'False', 'MissingEndpoints', 'no endpoints')] },
    }),
    'Degraded',
    /no endpoints/,
  ],
  [
    'a namespace on its way out',
    object('v1', 'Namespace', { status: { phase: 'Terminating' } }),
    'Progressing',
    /deleted/,
  ],
  ['a kind that says nothing', object('example.com/v1', 'Thing', {}), 'Healthy', /^$/],
  [
    'a kind that is not ready',
    object('example.com/v1', 'Thing', { status: { conditions: [condition('Ready', 'False', 'Busy', 'still busy')] } }),
    'Progressing',
    /still busy/,
  ],
  [
    'a kind that stalled while not ready',
    object('example.com/v1', 'Thing', {
      status: { conditions: [condition('Ready', 'False', 'Busy'), condition('Stalled', 'True', 'Bad', 'bad input')] },
    }),
    'Failed',
    /bad input/,
  ],
  [
    'a route that was not accepted',
    object('gateway.networking.k8s.io/v1', 'Gateway', {
      status: { conditions: [condition('Accepted', 'False', 'Invalid', 'no such class')] },
    }),
    'Degraded',
    /no such class/,
  ],
]

describe('health of one object', () => {
  for (const [name, subject, state, message] of cases) {
    test(`${name} is ${state}`, () => {
      const seen = computeHealth(subject)
      assert.equal(seen.state, state)
      assert.match(seen.message, message)
    })
  }

  test('an object that is being deleted is never healthy', () => {
    for (const [name, subject] of cases) {
      const going = { ...subject, metadata: { ...subject.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }
      assert.equal(computeHealth(going).state, 'Progressing', name)
    }
  })

  test('never throws, and says why whenever it is not healthy, whatever a controller wrote', () => {
    const kinds = cases.map(([, { apiVersion, kind }]) => ({ apiVersion, kind }))
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.jsonValue(), fc.jsonValue(), ({ apiVersion, kind }, spec, status) => {
        const seen = computeHealth({ apiVersion, kind, metadata: { name: 'x' }, spec, status })
        assert.equal(seen.state === 'Healthy', seen.message === '')
      }),
      { numRuns: 2000 },
    )
  })
})
