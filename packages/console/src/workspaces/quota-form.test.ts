import assert from 'node:assert/strict'
import { test } from 'node:test'
import { overdrawn, patchQuota, quotaChanges, readQuota } from './quota-form.ts'

const resources = ['requests.cpu', 'pods']
const spec = {
  displayName: 'Shop',
  quota: { hard: { 'requests.cpu': '8', 'count/jobs.batch': '4' } },
  targets: [{ clusters: { names: ['east'] }, quota: { hard: { pods: '10' } } }, { clusters: {} }],
}
const before = readQuota(spec, resources)

test('what the form does not know of stays, and an amount that is taken away goes with what held it', () => {
  const changed = {
    whole: { ...before.whole, 'requests.cpu': '12' },
    targets: [
      { 'requests.cpu': '', pods: '' },
      { 'requests.cpu': '2', pods: '' },
    ],
  }
  assert.deepEqual(patchQuota(spec, resources, changed), {
    displayName: 'Shop',
    quota: { hard: { 'requests.cpu': '12', 'count/jobs.batch': '4' } },
    targets: [{ clusters: { names: ['east'] } }, { clusters: {}, quota: { hard: { 'requests.cpu': '2' } } }],
  })
  assert.deepEqual(quotaChanges(before, changed), [
    { target: undefined, resource: 'requests.cpu', from: '8', to: '12' },
    { target: 0, resource: 'pods', from: '10', to: '' },
    { target: 1, resource: 'requests.cpu', from: '', to: '2' },
  ])
})

test('the same amount in other words is no change', () => {
  assert.deepEqual(quotaChanges(before, { ...before, whole: { 'requests.cpu': '8000m', pods: '' } }), [])
  assert.deepEqual(patchQuota(spec, resources, before), spec)
})

test('targets that ask for more than the whole are found, each namespace of one counted', () => {
  const form = { whole: { pods: '25' }, targets: [{ pods: '10' }, { pods: '' }] }
  assert.deepEqual(overdrawn(form, [2, 1]), [])
  assert.deepEqual(overdrawn(form, [3, 1]), ['pods'])
  assert.deepEqual(overdrawn({ ...form, whole: { pods: '' } }, [3, 1]), [])
})
