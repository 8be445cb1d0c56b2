import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readManifestRefs } from './manifest-refs.ts'

test('the objects of a release are told from its manifest, with a key twice as Helm lets it be', () => {
  const manifest = `---
# Source: c/templates/a.yaml
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { replicas: 1, replicas: 2 }
---
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: other }
`
  assert.deepEqual(readManifestRefs(manifest, 'shop'), [
    { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'shop', name: 'web' },
    { group: '', version: 'v1', kind: 'Service', namespace: 'other', name: 'web' },
  ])
})
