import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planHooks } from './hooks.ts'

const hook = (name: string, weight: number, generateName?: string) => ({
  name,
  object: {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, ...(generateName === undefined ? {} : { generateName }) },
  },
  events: ['pre-install'],
  weight,
  deletePolicies: [],
})

test('hooks run by weight, then by name; those with a generated name are told apart', () => {
  const hooks = [hook('', 0, 'check-'), hook('b', 0), hook('a', 0), hook('', 0, 'check-'), hook('first', -1)]
  const set = { component: 'web', crds: [], objects: [], hooks }
  const ids = planHooks([{ set, digest: 'sha256:0123456789abcdef', event: 'pre-install' }]).map(
    ({ id }) => id.split('/pre-install/')[1],
  )
  assert.deepEqual(ids, ['Job/first', 'Job/check-0', 'Job/check-3', 'Job/a', 'Job/b'])
})
