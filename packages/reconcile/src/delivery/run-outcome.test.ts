import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '@flotilla/model'
import { endOfPod, outcomeOfRun } from './run-outcome.ts'

const pod = (status: object, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', ...metadata },
  status,
})
const ended = (exitCode: number, reason = 'Error') => ({
  containerStatuses: [{ name: 'main', state: { terminated: { exitCode, reason } } }],
})
const job = (type?: string, status = 'True'): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'j' },
  ...(type === undefined ? {} : { status: { conditions: [{ type, status }] } }),
})

test('a Job is over when its controller says so, a Pod by its phase', () => {
  assert.equal(outcomeOfRun(job()), 'running')
  assert.equal(outcomeOfRun(job('Complete')), 'succeeded')
  assert.equal(outcomeOfRun(job('Failed')), 'failed')
  assert.equal(outcomeOfRun(job('Failed', 'False')), 'running')
  assert.equal(outcomeOfRun(job('FailureTarget')), 'running')
  assert.equal(outcomeOfRun(pod({ phase: 'Running' })), 'running')
  assert.equal(outcomeOfRun(pod({ phase: 'Succeeded' })), 'succeeded')
  assert.equal(outcomeOfRun(pod({ phase: 'Failed' })), 'failed')
})

test('only what a container says itself is an exit; what ended it from outside leaves its outcome unknown', () => {
  const cases: [string, KubeObject | undefined, 'exit' | 'cut'][] = [
    ['its own code', pod(ended(1)), 'exit'],
    ['its own highest code', pod(ended(255)), 'exit'],
    ['a command that is not there', pod(ended(127)), 'exit'],
    ['one that never started', pod(ended(128, 'StartError')), 'exit'],
    ['killed', pod(ended(137)), 'cut'],
    ['terminated', pod(ended(143)), 'cut'],
    ['out of memory', pod(ended(137, 'OOMKilled')), 'cut'],
    ['lost by its kubelet', pod(ended(137, 'ContainerStatusUnknown')), 'cut'],
    ['evicted, with the code of its being killed', pod({ reason: 'Evicted', ...ended(1) }), 'cut'],
    ['out of time', pod({ reason: 'DeadlineExceeded' }), 'cut'],
    ['its node lost', pod({ reason: 'NodeLost', ...ended(1) }), 'cut'],
    ['preempted', pod({ conditions: [{ type: 'DisruptionTarget', status: 'True' }], ...ended(1) }), 'cut'],
    ['deleted', pod(ended(1), { deletionTimestamp: '2026-01-01T00:00:00Z' }), 'cut'],
    ['gone', undefined, 'cut'],
    ['silent', pod({}), 'cut'],
    [
      'one container by itself, and its neighbour killed',
      pod({
        containerStatuses: [
          { name: 'side', state: { terminated: { exitCode: 137, reason: 'Error' } } },
          { name: 'main', state: { terminated: { exitCode: 3, reason: 'Error' } } },
        ],
      }),
      'exit',
    ],
  ]
  for (const [what, given, how] of cases) assert.equal(endOfPod(given).how, how, what)
  const timeUp = endOfPod(pod({ reason: 'DeadlineExceeded' }))
  assert.equal(timeUp.how === 'cut' && timeUp.expired, true)
  assert.match(endOfPod(pod({ reason: 'Evicted', ...ended(137) })).text, /Evicted; container main .* 137/)
})
