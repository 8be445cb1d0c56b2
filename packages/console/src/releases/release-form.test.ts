import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { MatrixCell } from '@flotilla/api'
import { ApplicationSpec } from '@flotilla/model'
import { computeChoices, imageKey, imageName, imageReference, listChoosable, parseTickets } from './release-form.ts'

const cell: MatrixCell = {
  component: 'web',
  cluster: 'east',
  namespace: 'shop',
  version: '1.4.2',
  health: 'Healthy',
  images: ['registry.example:5000/shop/web:1.4.2'],
  ownOverrides: 0,
  drift: 'None',
}
const spec = ApplicationSpec.parse({
  components: [
    { name: 'web', helm: { chart: { oci: { url: 'oci://x/web', version: '2.3.0' } } } },
    { name: 'report', manifests: { inline: 'kind: CronJob' } },
  ],
  placement: {},
})
const choosable = listChoosable(spec, {
  sources: [{ component: 'web', digest: 'sha256:1', version: '2.3.0', resolvedAt: '2026-01-01T00:00:00Z' }],
  matrix: { cells: [cell, { ...cell, cluster: 'west', images: ['registry.example:5000/shop/web:1.4.1'] }] },
})

describe('the form of a new release', () => {
  test('offers versions and images with what runs now; what is inline has no version', () => {
    assert.deepEqual(choosable, [
      {
        component: 'web',
        version: '2.3.0',
        images: [{ name: 'registry.example:5000/shop/web', short: 'web', now: '1.4.2, 1.4.1' }],
      },
      { component: 'report', images: [] },
    ])
  })

  test('sends only what was typed', () => {
    assert.deepEqual(computeChoices(choosable, { versions: {}, images: {} }), [])
    const image = imageKey('web', 'registry.example:5000/shop/web')
    assert.deepEqual(computeChoices(choosable, { versions: { web: ' 2.4.0 ' }, images: { [image]: '1.5.0' } }), [
      {
        name: 'web',
        version: '2.4.0',
        images: { 'registry.example:5000/shop/web': 'registry.example:5000/shop/web:1.5.0' },
      },
    ])
  })

  test('takes a tag, a digest or a whole reference for an image', () => {
    assert.equal(imageName('registry.example:5000/web'), 'registry.example:5000/web')
    assert.equal(imageName('web:1@sha256:aa'), 'web')
    assert.equal(imageReference('r/web', '2'), 'r/web:2')
    assert.equal(imageReference('r/web', 'sha256:aa'), 'r/web@sha256:aa')
    assert.equal(imageReference('r/web', 'mirror/web:2'), 'mirror/web:2')
  })

  test('reads tickets apart', () => {
    assert.deepEqual(parseTickets(' A-1，https://t/2, A-1 '), ['A-1', 'https://t/2'])
  })
})
