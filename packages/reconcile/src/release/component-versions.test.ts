import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ApplicationSpec, ComponentVersion } from '@flotilla/model'
import { componentVersionsOf } from './component-versions.ts'

const make = (images: Record<string, string>, digest: string) =>
  componentVersionsOf({
    application: { name: 'shop', uid: 'u' },
    project: { name: 'retail', uid: 'p', scope: 'Namespaced' },
    spec: ApplicationSpec.parse({
      components: [{ name: 'web', helm: { chart: { oci: { url: 'oci://r/web', version: '1.0.0' } } }, images }],
    }),
    sources: [{ component: 'web', digest, version: '1.0.0', resolvedAt: '2026-01-01T00:00:00Z' }],
  }).map((object) => ComponentVersion.parse(object))

describe('versions of components', () => {
  test('are the same object for the same version, and another for a new image or a new chart', () => {
    const [first] = make({ web: 'web:1' }, 'sha256:1')
    assert.deepEqual([first?.metadata.namespace, first?.spec.definition.type], ['pj-retail', 'helm'])
    const names = [
      make({ web: 'web:1' }, 'sha256:1'),
      make({ web: 'web:2' }, 'sha256:1'),
      make({ web: 'web:1' }, 'sha256:2'),
    ].map(([one]) => one?.metadata.name)
    assert.equal(names[0], first?.metadata.name)
    assert.equal(new Set(names).size, 3)
  })
})
