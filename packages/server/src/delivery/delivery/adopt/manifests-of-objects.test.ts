import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeClient } from '@flotilla/kube'
import type { KubeObject } from '@flotilla/model'
import { readObjects } from './manifests-of-objects.ts'

const object = (most: number): KubeObject => ({
  apiVersion: 'example.test/v1',
  kind: 'Widget',
  metadata: { name: 'a', namespace: 'shop' },
  spec: { most },
})

/** Stands in for the cluster: `find` alone. */
const clientWith = (found: KubeObject): KubeClient => ({ find: async () => found }) as unknown as KubeClient
const wanted = [{ group: 'example.test', kind: 'Widget', name: 'a' }]
const signal = new AbortController().signal

test('an object with a whole number whose digits may have changed is not taken over', async () => {
  const refused = readObjects(clientWith(object(2 ** 60)), 'shop', wanted, signal)
  await assert.rejects(refused, { code: 'input.invalid', field: 'objects[0].spec.most' })
  assert.match((await readObjects(clientWith(object(2 ** 53 - 1)), 'shop', wanted, signal)).inline, /9007199254740991/)
})
