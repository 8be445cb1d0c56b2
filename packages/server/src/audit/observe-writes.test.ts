import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeClient } from '@flotilla/kube'
import { FlotillaError, type KubeObject } from '@flotilla/model'
import { observeWrites, type SeenWrite } from './observe-writes.ts'

const map = (n: number): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', namespace: 'a' },
  data: { n },
})
const key = { group: '', kind: 'ConfigMap', name: 'x', namespace: 'a' }

/** A stand-in for a cluster that has the map 1 and takes everything but a delete. */
function open() {
  const seen: SeenWrite[] = []
  const reads: unknown[] = []
  const client = {
    find: async (of: unknown) => {
      reads.push(of)
      return map(1)
    },
    create: async (object: KubeObject) => object,
    apply: async (object: KubeObject) => object,
    patch: async () => map(2),
    delete: async () => {
      throw new FlotillaError('kube.forbidden', { message: 'no' })
    },
  } as unknown as KubeClient
  return { seen, reads, view: observeWrites(client, (write) => seen.push(write)) }
}

test('a write is told with what was there before, and after (a stand-in for the cluster)', async () => {
  const { seen, view } = open()
  await view.patch(key, { type: 'merge', body: {} })
  await view.create(map(3))
  await assert.rejects(view.delete(key))
  assert.deepEqual(
    seen.map(({ verb, before, after, error }) => [
      verb,
      before?.['data'],
      after?.['data'],
      error instanceof FlotillaError,
    ]),
    [
      ['patch', { n: 1 }, { n: 2 }, false],
      ['create', undefined, { n: 3 }, false],
      ['delete', undefined, undefined, true],
    ],
  )
})

test('what the request read itself is not read again, and a dry-run tells nothing (a stand-in for the cluster)', async () => {
  const { seen, reads, view } = open()
  await view.find(key)
  await view.apply(map(2), { fieldManager: 'x' })
  assert.equal(reads.length, 1)
  await view.apply(map(2), { fieldManager: 'x', dryRun: true })
  assert.equal(seen.length, 1)
})
