import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { HealthState, KubeObject } from '@flotilla/model'
import * as fc from 'fast-check'
import { computeHealth } from './compute-health.ts'
import { explainByPods, runsPods } from './explain-by-pods.ts'

type Fields = Record<string, unknown>
const pod = (status: Fields, name = 'web-1'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  status,
})
const container = (state: Fields, more: Fields = {}): Fields => ({ name: 'web', image: 'shop/web:9', state, ...more })
const waits = (reason: string, message = '', more: Fields = {}): KubeObject =>
  pod({ phase: 'Pending', containerStatuses: [container({ waiting: { reason, message } }, more)] })
const ready = { type: 'Ready', status: 'True' }

const cases: readonly [string, KubeObject, HealthState, string | RegExp][] = [
  ['a ready pod', pod({ phase: 'Running', conditions: [ready] }), 'Healthy', ''],
  ['a finished pod', pod({ phase: 'Succeeded' }), 'Healthy', ''],
  [
    'an image that is not there',
    waits('ImagePullBackOff', 'Back-off pulling image "shop/web:9": rpc error: code = NotFound desc = not found'),
    'Degraded',
    'image shop/web:9 not found',
  ],
  [
    'a registry that refuses',
    waits('ErrImagePull', 'failed to authorize: 401 Unauthorized'),
    'Degraded',
    /check the pull secret/,
  ],
  ['a registry that is away', waits('ErrImagePull', 'dial tcp: i/o timeout'), 'Degraded', /does not answer/],
  ['a pull with a reason of its own', waits('ErrImagePull', 'no space left'), 'Degraded', /no space left/],
  ['a name that is no image', waits('InvalidImageName'), 'Failed', /not a valid name/],
  [
    'a crash loop',
    waits('CrashLoopBackOff', 'back-off', { restartCount: 4, lastState: { terminated: { exitCode: 3 } } }),
    'Degraded',
    'container web crashes with exit code 3, restarted 4 times',
  ],
  [
    'a container killed for its memory',
    waits('CrashLoopBackOff', '', {
      restartCount: 1,
      lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
    }),
    'Degraded',
    'container web ran out of memory, restarted once',
  ],
  [
    'a crash before the first back-off',
    pod({ phase: 'Running', containerStatuses: [container({ terminated: { exitCode: 2, message: 'no\nconfig' } })] }),
    'Degraded',
    'container web crashes with exit code 2: no config',
  ],
  [
    'a missing ConfigMap',
    waits('CreateContainerConfigError', 'configmap "x" not found'),
    'Degraded',
    'container web cannot be configured: configmap "x" not found',
  ],
  [
    'no room on any node',
    pod({
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes: memory' }],
    }),
    'Degraded',
    'no node takes it: 0/1 nodes: memory',
  ],
  [
    'a pod behind a gate',
    pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }),
    'Suspended',
    /gates/,
  ],
  [
    'an evicted pod',
    pod({ phase: 'Failed', reason: 'Evicted', message: 'low memory' }),
    'Failed',
    'Evicted: low memory',
  ],
  [
    'a pod that is not ready yet',
    pod({ phase: 'Running', containerStatuses: [container({ running: {} }, { ready: false })] }),
    'Progressing',
    'container web runs and is not ready yet',
  ],
  ['a pod being made', waits('ContainerCreating'), 'Progressing', 'its containers are being made'],
  [
    'a failing init container',
    pod({
      phase: 'Pending',
      initContainerStatuses: [container({ waiting: { reason: 'CrashLoopBackOff' } }, { name: 'init' })],
    }),
    'Degraded',
    'container init crashes',
  ],
]

describe('health of a pod', () => {
  for (const [name, subject, state, message] of cases) {
    test(`${name} is ${state}`, () => {
      const seen = computeHealth(subject)
      assert.equal(seen.state, state)
      if (typeof message === 'string') assert.equal(seen.message, message)
      else assert.match(seen.message, message)
    })
  }
})

describe('a workload explained by its pods', () => {
  const waiting = { state: 'Progressing', message: '1 of 3 pods available' } as const
  const missing = (name: string): KubeObject => ({ ...waits('ErrImagePull', 'not found'), metadata: { name } })

  test('names the cause, and how many pods share it', () => {
    const seen = explainByPods(waiting, [pod({ phase: 'Running', conditions: [ready] }), missing('b'), missing('a')])
    assert.deepEqual(seen, {
      state: 'Degraded',
      message: '1 of 3 pods available; pod a (and 1 more): image shop/web:9 not found',
    })
  })

  test('takes no notice of pods that are going or were evicted', () => {
    const going = missing('a')
    const pods = [
      { ...going, metadata: { ...going.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } },
      pod({ phase: 'Failed', reason: 'Evicted' }),
    ]
    assert.deepEqual(explainByPods(waiting, pods), waiting)
  })

  test('leaves a healthy workload healthy', () => {
    assert.equal(explainByPods({ state: 'Healthy', message: '' }, [missing('a')]).state, 'Healthy')
  })

  test('never makes a workload better, and says the same whatever the order of its pods', () => {
    const states = ['Progressing', 'Degraded', 'Failed'] as const
    const rank = { Healthy: 0, Suspended: 0, Missing: 0, Unknown: 0, Progressing: 1, Degraded: 2, Failed: 3 }
    const anyPod = fc
      .tuple(fc.constantFrom(...cases.map(([, subject]) => subject)), fc.stringMatching(/^[a-z]{1,4}$/))
      .map(([{ apiVersion, kind, status }, name]) => ({ apiVersion, kind, status, metadata: { name } }))
    fc.assert(
      fc.property(
        fc.constantFrom(...states),
        fc.uniqueArray(anyPod, { selector: (one) => one.metadata.name, maxLength: 8 }),
        (state, pods) => {
          const seen = explainByPods({ state, message: 'm' }, pods)
          assert.ok(rank[seen.state] >= rank[state])
          assert.deepEqual(explainByPods({ state, message: 'm' }, pods.toReversed()), seen)
        },
      ),
    )
  })

  test('knows which kinds run pods', () => {
    assert.equal(runsPods({ apiVersion: 'apps/v1', kind: 'Deployment' }), true)
    assert.equal(runsPods({ apiVersion: 'batch/v1', kind: 'CronJob' }), false)
    assert.equal(runsPods({ apiVersion: 'v1', kind: 'Service' }), false)
  })
})
