import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ApplicationSpec, type FrozenDocument } from '@flotilla/model'
import { createMemoryBlobs } from '../application/testing/memory-blobs.ts'
import { createFrozenDocuments, releaseKey } from './frozen-documents.ts'

const key = new Uint8Array(32).fill(1)

function example(targets: number): FrozenDocument {
  const spec = ApplicationSpec.parse({ components: [{ name: 'web', manifests: { inline: 'kind: ConfigMap' } }] })
  return {
    release: { name: 'r1', uid: 'release-uid' },
    application: { name: 'shop', uid: 'application-uid' },
    project: { name: 'shop', uid: 'project-uid', scope: 'Namespaced' },
    declared: spec,
    choices: [],
    spec,
    sources: [],
    targets: Array.from({ length: targets }, (_, at) => ({
      cluster: `c${at}`,
      namespace: 'shop',
      delivery: `shop.c${at}`,
      digest: `sha256:${at}`,
      components: [],
    })),
    migrations: [],
    at: '2026-01-01T00:00:00Z',
  }
}

describe('a frozen document', () => {
  test('comes back as it was put, under a digest of its content', async () => {
    const { releases } = createFrozenDocuments(createMemoryBlobs(), key)
    const digest = await releases.put(example(3000))
    assert.deepEqual(await releases.get(digest), example(3000))
    assert.equal(await releases.put(example(3000)), digest)
    assert.notEqual(await releases.put(example(2999)), digest)
  })

  test('is known by nobody without the key', async () => {
    const mine = await createFrozenDocuments(createMemoryBlobs(), key).releases.put(example(1))
    const other = await createFrozenDocuments(createMemoryBlobs(), new Uint8Array(32)).releases.put(example(1))
    assert.notEqual(mine, other)
  })

  test('is as good as gone when its bytes are others', async () => {
    const blobs = createMemoryBlobs()
    const { releases } = createFrozenDocuments(blobs, key)
    const digest = await releases.put(example(1))
    const other = await releases.put(example(2))
    blobs.bytes.set(releaseKey(digest), blobs.bytes.get(releaseKey(other)) ?? new Uint8Array())
    assert.equal(await releases.get(digest), undefined)
    assert.equal(await releases.get('hmac-sha256:none'), undefined)
  })
})
