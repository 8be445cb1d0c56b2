import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lasting } from './run-hook.ts'

const job = (ttl: number | undefined) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'migrate' },
  spec: { backoffLimit: 0, ...(ttl === undefined ? {} : { ttlSecondsAfterFinished: ttl }) },
})
const hook = { id: 'a', key: 'k', group: 'batch', version: 'v1', kind: 'Job', namespace: 'shop', name: 'migrate' }
const migration = { digest: 'd', scope: 'target:east/shop' }

test('the Job of a migration lives long enough for its log to be kept; that of another hook as its chart says', () => {
  const ttlOf = (given: number | undefined, of: object) =>
    (lasting({ hook: { ...hook, ...of } as never, object: job(given) })['spec'] as Record<string, unknown>)[
      'ttlSecondsAfterFinished'
    ]
  assert.deepEqual(
    [0, 100, 3600, undefined].map((ttl) => ttlOf(ttl, { migration })),
    [600, 600, 3600, undefined],
  )
  assert.equal(ttlOf(0, {}), 0)
})
