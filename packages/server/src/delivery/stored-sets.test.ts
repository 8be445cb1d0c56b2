import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import type { BlobStore } from '../store/store.ts'
import type { StoredSet } from './rendered-set.ts'
import { createStoredSets, setKey } from './stored-sets.ts'

/** A stand-in for the encrypted store: the bytes as they were put. */
function createMemoryBlobs(): BlobStore & { readonly bytes: Map<string, Uint8Array> } {
  const bytes = new Map<string, Uint8Array>()
  return {
    bytes,
    put: async (key, value) => void bytes.set(key, value),
    get: async (key) => bytes.get(key),
    prune: async () => ({ gone: 0 }),
  }
}

const set: StoredSet = {
  component: 'web',
  crds: [{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'a.b' } }],
  objects: [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'shop' },
      stringData: { password: 'hunter2' },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'shop' }, data: { text: 'one\ntwo' } },
  ],
  hooks: [
    {
      name: 'migrate',
      object: { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate', namespace: 'shop' } },
      events: ['pre-install'],
      weight: -5,
      deletePolicies: ['before-hook-creation'],
    },
  ],
  notes: 'Thanks',
  helm: { releaseName: 'web', chartDigest: 'sha256:1', values: { a: { b: null } }, manifest: '---\n', hooks: [] },
}

describe('stored sets', () => {
  test('gives back what was put', async () => {
    const sets = createStoredSets(createMemoryBlobs(), Buffer.alloc(32, 1))
    assert.deepEqual(await sets.get(await sets.put(set)), set)
  })

  test('the texts that came from Secrets are kept beside it, and do not change what it is', async () => {
    const sets = createStoredSets(createMemoryBlobs(), Buffer.alloc(32, 1))
    const plain = await sets.put(set)
    const other = createStoredSets(createMemoryBlobs(), Buffer.alloc(32, 1))
    const secrets = ['hunter2', 'a\nb']
    assert.equal(await other.put({ ...set, secrets }), plain)
    assert.deepEqual(await other.get(plain), { ...set, secrets })
  })

  test('a digest tells nothing to whoever lacks the key', async () => {
    const one = await createStoredSets(createMemoryBlobs(), Buffer.alloc(32, 1)).put(set)
    const two = await createStoredSets(createMemoryBlobs(), Buffer.alloc(32, 2)).put(set)
    assert.notEqual(one, two)
  })

  test('a set that is gone is not an empty one', async () => {
    const blobs = createMemoryBlobs()
    const sets = createStoredSets(blobs, Buffer.alloc(32, 1))
    const digest = await sets.put(set)
    blobs.bytes.clear()
    assert.equal(await sets.get(digest), undefined)
  })

  test('never gives other bytes than were asked for', async () => {
    const blobs = createMemoryBlobs()
    const sets = createStoredSets(blobs, Buffer.alloc(32, 1))
    const digest = await sets.put(set)
    const other = await sets.put({ ...set, notes: 'other' })
    blobs.bytes.set(setKey(digest), blobs.bytes.get(setKey(other)) ?? new Uint8Array())
    assert.equal(await sets.get(digest), undefined)
  })

  test('the same content gives the same digest in whatever order its fields stand; the order of objects counts', async () => {
    const sets = createStoredSets(createMemoryBlobs(), Buffer.alloc(32, 1))
    const name = fc.string({ minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, fc.jsonValue(), { maxKeys: 5 }), async (fields) => {
        const metadata = { name: 'x', namespace: 'y' }
        const forward = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: fields }
        const backward = {
          data: Object.fromEntries(Object.entries(fields).reverse()),
          metadata,
          kind: 'ConfigMap',
          apiVersion: 'v1',
        }
        const digest = await sets.put({ ...set, objects: [forward, ...set.objects] })
        assert.equal(await sets.put({ ...set, objects: [backward, ...set.objects] }), digest)
        assert.notEqual(await sets.put({ ...set, objects: [...set.objects, forward] }), digest)
        assert.deepEqual((await sets.get(digest))?.objects[0], JSON.parse(JSON.stringify(forward)))
      }),
      { numRuns: 50 },
    )
  })

  test('a big set lets others work in between', async () => {
    const sets = createStoredSets(createMemoryBlobs(), Buffer.alloc(32, 1))
    const objects = Array.from({ length: 100 }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `c${index}`, namespace: 'shop' },
      data: { text: String(index).repeat(50_000).slice(0, 100_000) },
    }))
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    const digest = await sets.put({ ...set, objects })
    assert.ok(turns >= 10, `${turns} turns while it was written`)
    turns = 0
    assert.equal((await sets.get(digest))?.objects.length, 100)
    clearInterval(timer)
    assert.ok(turns >= 10, `${turns} turns while it was read`)
  })
})
