import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declaredPart } from './application-text.ts'

test('what is edited holds what a person declared, and nothing that the server writes', () => {
  const declared = declaredPart({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'Application',
    metadata: {
      name: 'shop',
      uid: 'u',
      resourceVersion: '7',
      managedFields: [],
      labels: { team: 'web' },
      annotations: { 'flotilla.dev/changed-by': 'ada', mine: 'yes' },
    },
    spec: { paused: true },
    status: { revision: 3 },
  })
  assert.deepEqual(declared, {
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'Application',
    metadata: { name: 'shop', labels: { team: 'web' }, annotations: { mine: 'yes' } },
    spec: { paused: true },
  })
})
