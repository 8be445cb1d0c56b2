import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ApplicationSpec, Delivery, type DeliverySpec, type WantedSet } from '@flotilla/model'
import { deliveryOf } from './delivery-of.ts'
import { wantedOf } from './wanted-of.ts'

const document = {
  application: { name: 'shop', uid: 'application-uid' },
  project: { name: 'retail', uid: 'project-uid', scope: 'Namespaced' as const },
  spec: ApplicationSpec.parse({
    components: [{ name: 'web', manifests: { inline: 'x' } }],
    driftPolicy: 'Report',
    deletionPolicy: 'Keep',
  }),
}
const target = { cluster: 'east', namespace: 'retail', environment: 'prod', delivery: 'shop.east' }
const want: WantedSet = {
  digest: 'sha256:1',
  components: [{ name: 'web', digest: 'set-1', ownOverrides: 0, hookTimeoutSeconds: 300 }],
  renderedFrom: '{"web":{}}',
  release: 'r1',
}
const written = (...more: [] | [DeliverySpec, string]): Delivery => {
  const made = Delivery.parse(deliveryOf(document, target, want, undefined, { rollout: 'r1-1', rollback: false }))
  const [spec, resourceVersion] = more
  return spec === undefined ? made : { ...made, spec, metadata: { ...made.metadata, resourceVersion } }
}

describe('the Delivery of a frozen target', () => {
  test('gives a new target what is wanted, with the policies that were frozen', () => {
    const { metadata, spec } = written()
    assert.deepEqual(
      [metadata.name, metadata.namespace, metadata.resourceVersion],
      ['shop.east', 'pj-retail', undefined],
    )
    assert.deepEqual([spec.driftPolicy, spec.deletionPolicy, spec.paused], ['Report', 'Keep', false])
    assert.deepEqual([spec.desired?.release, spec.desired?.rollout, spec.desired?.rollback], ['r1', 'r1-1', undefined])
    assert.deepEqual(wantedOf(written()), want)
  })

  test('leaves the policies of one that is there, and is refused when that is newer', () => {
    const existing = written({ ...written().spec, driftPolicy: 'Repair', paused: true, syncRequest: 'again' }, '7')
    const other = { digest: 'sha256:0', components: [] }
    const object = deliveryOf(document, target, other, existing, { rollout: 'r2-1', rollback: true })
    assert.equal(object.metadata.resourceVersion, '7')
    const { spec } = Delivery.parse(object)
    assert.deepEqual([spec.driftPolicy, spec.paused, spec.syncRequest], ['Repair', true, 'again'])
    assert.deepEqual(spec.desired, { revision: 0, digest: 'sha256:0', components: [], rollout: 'r2-1', rollback: true })
    assert.deepEqual(wantedOf(Delivery.parse(object)), other)
  })

  test('stands by in a new target where the application says so; one that is there keeps what it is told', () => {
    const cause = { rollout: 'r1-1', rollback: false }
    const standbyOf = (existing: Delivery | undefined, standby: boolean) =>
      Delivery.parse(deliveryOf(document, target, want, existing, { ...cause, standby })).spec.standby
    assert.deepEqual([standbyOf(undefined, true), standbyOf(undefined, false)], [true, undefined])
    const standing = written({ ...written().spec, standby: true }, '7')
    assert.deepEqual([standbyOf(standing, false), standbyOf(written(), true)], [true, undefined])
  })

  test('wants nothing while nothing was ever given', () => {
    const { desired: _, ...spec } = written().spec
    assert.equal(wantedOf(written(spec, '1')), undefined)
  })
})
