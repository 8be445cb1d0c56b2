import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { indexedKinds } from './indexed-kinds.ts'
import type { SlimRow } from './slim-row.ts'
import { WordPool } from './word-pool.ts'

const metadata = { name: 'x', namespace: 'shop', creationTimestamp: '2026-01-01T00:00:10Z' }
const at = Date.parse('2026-01-01T00:00:10Z') / 1000
const containers = [{ name: 'a', image: 'web:1' }]

type Wanted = Partial<SlimRow>
const cases: [string, keyof typeof indexedKinds, Record<string, unknown>, Wanted][] = [
  [
    'a pod that runs',
    'pods',
    {
      spec: { nodeName: 'n1', containers },
      status: {
        phase: 'Running',
        podIP: '10.1.2.3',
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [{ name: 'a', ready: true, restartCount: 2, state: { running: {} } }],
      },
    },
    {
      state: 'Running',
      health: 'Healthy',
      ready: 1,
      wanted: 1,
      count: 2,
      node: 'n1',
      address: '10.1.2.3',
      createdAt: at,
    },
  ],
  [
    'a pod that crashes',
    'pods',
    {
      spec: { containers },
      status: {
        phase: 'Running',
        containerStatuses: [
          {
            name: 'a',
            ready: false,
            restartCount: 3,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:00:10Z' } },
          },
        ],
      },
    },
    { state: 'CrashLoopBackOff', health: 'Degraded', ready: 0, lastAt: at },
  ],
  [
    'a pod whose init container fails',
    'pods',
    {
      spec: { containers },
      status: {
        phase: 'Pending',
        initContainerStatuses: [{ name: 'i', state: { waiting: { reason: 'ImagePullBackOff' } } }],
        containerStatuses: [{ name: 'a', state: { waiting: { reason: 'PodInitializing' } } }],
      },
    },
    { state: 'Init:ImagePullBackOff' },
  ],
  ['a pod of which nothing is known yet', 'pods', {}, { state: 'Unknown', ready: 0, wanted: 0, images: [] }],
  [
    'a deployment',
    'deployments',
    { spec: { replicas: 3, template: { spec: { containers } } }, status: { readyReplicas: 1, replicas: 3 } },
    { health: 'Progressing', ready: 1, wanted: 3, images: ['web:1'] },
  ],
  [
    'a job that is done',
    'jobs',
    {
      status: {
        succeeded: 1,
        conditions: [{ type: 'Complete', status: 'True' }],
        completionTime: '2026-01-01T00:00:10Z',
      },
    },
    { state: 'Complete', health: 'Healthy', ready: 1, wanted: 1, lastAt: at },
  ],
  [
    'a cron job',
    'cronjobs',
    { spec: { schedule: '* * * * *', suspend: true } },
    { state: 'Suspended', detail: '* * * * *' },
  ],
  [
    'a node that takes no pods',
    'nodes',
    {
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: 'Ready', status: 'True' }],
        nodeInfo: { kubeletVersion: 'v1.33.0' },
        addresses: [{ type: 'InternalIP', address: '10.0.0.9' }],
      },
    },
    { state: 'Cordoned', detail: 'v1.33.0', address: '10.0.0.9' },
  ],
  [
    'a node that is away',
    'nodes',
    { status: { conditions: [{ type: 'Ready', status: 'Unknown', message: 'no word from it' }] } },
    { state: 'NotReady', health: 'Degraded', message: 'no word from it' },
  ],
  [
    'a service',
    'services',
    {
      spec: {
        type: 'NodePort',
        clusterIP: '10.2.0.1',
        ports: [
          { port: 80, nodePort: 30080 },
          { port: 53, protocol: 'UDP' },
        ],
      },
    },
    { state: 'NodePort', address: '10.2.0.1', detail: '80:30080/TCP, 53/UDP' },
  ],
  [
    'an event',
    'events',
    {
      type: 'Warning',
      reason: 'BackOff',
      message: 'x'.repeat(1000),
      involvedObject: { kind: 'Pod', name: 'web-1' },
      count: 4,
      lastTimestamp: '2026-01-01T00:00:10Z',
    },
    { state: 'Warning', detail: 'BackOff', owner: 'Pod/web-1', count: 4, lastAt: at, message: 'x'.repeat(300) },
  ],
]

describe('a row', () => {
  for (const [what, kind, object, wanted] of cases)
    test(`tells of ${what}`, () => {
      const { group, version, kind: name, project } = indexedKinds[kind]
      const apiVersion = group === '' ? version : `${group}/${version}`
      const row = project({ apiVersion, kind: name, metadata, ...object }, new WordPool())
      for (const [field, value] of Object.entries(wanted)) assert.deepEqual(row[field as keyof SlimRow], value, field)
    })
  test('has all fields in one order, whatever the kind', () => {
    const shapes = Object.values(indexedKinds).map(({ project }) =>
      Object.keys(project({ apiVersion: 'v1', kind: 'X', metadata }, new WordPool())).join(),
    )
    assert.equal(new Set(shapes).size, 1)
  })
  test('shares its words, labels and images with others, and the pool of them is bounded', () => {
    const pool = new WordPool(3)
    const labels = pool.labels({ a: '1', b: '2' })
    assert.equal(pool.labels({ b: '2', a: '1' }), labels)
    assert.equal(pool.list(['x', 'y']), pool.list(['x', 'y']))
    for (let at = 0; at < 10; at++) pool.labels({ a: String(at) })
    assert.notEqual(pool.labels({ a: '1', b: '2' }), labels)
    assert.deepEqual(pool.labels({ a: '1', b: '2' }), labels)
  })
})
