import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FlotillaError, type KubeObject } from '@flotilla/model'
import { chartFolder, openTestRenderer, requestOf, uploadChart } from './testing/charts.ts'
import type { BlobStore, JsonObject, RenderedSet } from './types.ts'

describe('the cache of rendered sets', () => {
  const memoryStore = (): BlobStore & { readonly blobs: Map<string, Uint8Array> } => {
    const blobs = new Map<string, Uint8Array>()
    return {
      blobs,
      get: (key) => Promise.resolve(blobs.get(key)),
      put: (key, bytes) => {
        blobs.set(key, bytes)
        return Promise.resolve()
      },
    }
  }

  test('the same inputs do not reach the worker again; each input that counts does', async () => {
    const renderer = await openTestRenderer()
    const source = await uploadChart(renderer, chartFolder('capabilities'))
    const base = requestOf(source)
    const first = await renderer.render(base)
    assert.deepEqual(await renderer.render(structuredClone(base)), first)
    assert.equal(renderer.stats().renders, 1)
    assert.equal(renderer.stats().cacheHits, 1)
    await renderer.render({ ...base, images: { x: ':1' }, patches: [] })
    assert.equal(renderer.stats().renders, 1)
    let expected = 1
    for (const change of [
      { values: { a: 1 } },
      { release: { ...base.release, name: 'other' } },
      { release: { ...base.release, namespace: 'other' } },
      { release: { ...base.release, upgrade: true } },
      { release: { ...base.release, upgrade: true, revision: 2 } },
      { capabilities: { ...base.capabilities, kubeVersion: 'v1.35.0' } },
      { capabilities: { ...base.capabilities, apiVersions: ['policy/v1'] } },
      { capabilities: { ...base.capabilities, mode: 'extend' as const } },
      { source: await uploadChart(renderer, chartFolder('files')) },
      { lookup: () => Promise.resolve(null) },
    ]) {
      await renderer.render({ ...base, ...change })
      assert.equal(renderer.stats().renders, ++expected, JSON.stringify(change))
    }
    await renderer.close()
  })

  test('what a chart looked up belongs to the key', async () => {
    const renderer = await openTestRenderer()
    const source = await uploadChart(renderer, chartFolder('lookup'))
    const asked: string[] = []
    let secret: KubeObject | null = null
    const render = (): Promise<RenderedSet> =>
      renderer.render(
        requestOf(source, {
          lookup: ({ kind, name, namespace }) => {
            asked.push(`${kind} ${namespace}/${name}`)
            if (kind === 'Node') return Promise.resolve({ items: [{ metadata: { name: 'n1' } }] })
            return Promise.resolve(secret)
          },
        }),
      )
    const key = (set: RenderedSet): unknown =>
      (set.objects.find(({ kind }) => kind === 'Secret')?.['data'] as JsonObject | undefined)?.['key']
    assert.equal(key(await render()), 'Zmlyc3Q=')
    assert.deepEqual(asked, ['Secret shop/session-key', 'Node /'])
    await render()
    assert.equal(renderer.stats().renders, 1)
    secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'session-key' }, data: { key: 'b2xk' } }
    assert.equal(key(await render()), 'b2xk')
    assert.equal(renderer.stats().renders, 2)
    secret = null
    assert.equal(key(await render()), 'Zmlyc3Q=')
    assert.equal(renderer.stats().renders, 2)
    const blind = await renderer.render(requestOf(source))
    assert.deepEqual(
      blind.findings.map(({ code }) => code),
      ['render.lookup_skipped'],
    )
    await renderer.close()
  })

  test('a refused lookup fails with its own error and is not remembered', async () => {
    const renderer = await openTestRenderer()
    const source = await uploadChart(renderer, chartFolder('lookup'))
    const refused = new FlotillaError('kube.forbidden', { message: 'Secret shop/session-key is outside the project' })
    await assert.rejects(renderer.render(requestOf(source, { lookup: () => Promise.reject(refused) })), refused)
    await renderer.render(requestOf(source, { lookup: () => Promise.resolve(null) }))
    await renderer.close()
  })

  test('a random chart keeps its first result, at the same time and in another process', async () => {
    const blobs = memoryStore()
    const [one, two] = await Promise.all([openTestRenderer({ blobs }), openTestRenderer({ blobs })])
    const source = await uploadChart(one, chartFolder('unstable'))
    const sets = await Promise.all([1, 2, 3, 4].map(() => one.render(requestOf(source))))
    assert.equal(new Set(sets.map(({ digest }) => digest)).size, 1)
    assert.equal(one.stats().renders, 1)
    assert.equal((await two.render(requestOf(source))).digest, sets[0]?.digest)
    assert.equal(two.stats().renders, 0)
    await Promise.all([one.close(), two.close()])
  })

  test('a blob that is damaged counts as missing; keys tell nothing of the values', async () => {
    const blobs = memoryStore()
    const renderer = await openTestRenderer({ blobs, cacheBytes: 0 })
    const source = await uploadChart(renderer, chartFolder('files'))
    const first = await renderer.render(requestOf(source))
    assert.equal((await renderer.render(requestOf(source))).digest, first.digest)
    assert.equal(renderer.stats().renders, 1)
    for (const key of blobs.blobs.keys()) {
      assert.match(key, /^hmac-sha256:[0-9a-f]{64}$/)
      blobs.blobs.set(key, Buffer.from('damaged'))
    }
    assert.equal((await renderer.render(requestOf(source))).digest, first.digest)
    assert.equal(renderer.stats().renders, 2)
    await renderer.close()
  })
})
