import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Delivery } from '@flotilla/model'
import { encodeOrphan, parseOrphan } from './orphans.ts'

const hook = {
  id: 'web@1/pre-install/Job/migrate',
  key: 'k',
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  namespace: 'shop',
  name: 'migrate',
  since: '2026-01-01T00:00:00Z',
}
const delivery = (attempt: object) =>
  Delivery.parse({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'Delivery',
    metadata: { name: 'shop.east', namespace: 'pj-shop', uid: 'u' },
    spec: {
      application: { name: 'shop', uid: 'a' },
      project: { name: 'shop', uid: 'p' },
      target: { cluster: 'east', namespace: 'shop' },
    },
    status: { attempt: { digest: 'd', startedAt: hook.since, hooksDone: [], ...attempt } },
  })

test('a hook that was in hand when the cluster was lost is remembered with what was left there', () => {
  const orphan = parseOrphan(encodeOrphan(delivery({ hook }), 'Delete'))
  assert.deepEqual([orphan?.policy, orphan?.hook, orphan?.delivery.metadata.uid], ['Delete', hook, 'u'])
  assert.equal(parseOrphan(encodeOrphan(delivery({}), 'Keep'))?.hook, undefined)
})

test('an orphan that is damaged is none', () => {
  const object = encodeOrphan(delivery({ hook }), 'Delete')
  const data = object['data'] as Record<string, string> // as it was just encoded
  assert.equal(parseOrphan({ ...object, data: { ...data, hook: '{' } }), undefined)
  assert.equal(parseOrphan({ ...object, data: { ...data, delivery: '{}' } }), undefined)
})
