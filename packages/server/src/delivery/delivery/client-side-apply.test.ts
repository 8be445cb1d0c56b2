import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ReleaseRecordInput } from '@flotilla/render'
import {
  chartFolder,
  openTestRenderer,
  requestOf,
  type TestRenderer,
  uploadChart,
} from '@flotilla/render/testing/charts'
import { longestTurn } from '@flotilla/render/testing/longest-turn'
import { withClientSideApply } from './client-side-apply.ts'
import { packPayload } from './release-payload.ts'

const secretOf = (release: string) => ({
  apiVersion: 'v1',
  kind: 'Secret' as const,
  metadata: { name: 'sh.helm.release.v1.demo.v1', namespace: 'shop', labels: {} },
  type: 'helm.sh/release.v1' as const,
  data: { release },
})

describe('a record that plain helm goes on from', () => {
  let renderer: TestRenderer
  before(async () => {
    renderer = await openTestRenderer()
  })
  after(() => renderer.close())

  test('names client-side apply, and is else what Helm’s library wrote', async () => {
    const source = await uploadChart(renderer, chartFolder('hooks'))
    const values = { apply_method: 'ssa', text: '"apply_method":"ssa"}' }
    const { helmRelease } = await renderer.render(requestOf(source, { values }))
    assert.ok(helmRelease !== undefined)
    const input: ReleaseRecordInput = {
      name: 'demo',
      namespace: 'shop',
      version: 1,
      status: 'deployed',
      firstDeployed: '2026-01-02T03:04:05Z',
      lastDeployed: '2026-02-03T04:05:06Z',
      description: 'Install complete',
      source,
      content: helmRelease,
    }
    const encoded = await renderer.encodeRelease(input)
    const before = await renderer.decodeRelease(encoded)
    const after = await renderer.decodeRelease(await withClientSideApply(encoded))
    assert.equal(before.applyMethod, 'ssa')
    assert.deepEqual(after, { ...before, applyMethod: 'csa' })
  })

  test('is written without keeping the event loop waiting, however long it is', async () => {
    const config = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`a${at}`, {}]))
    const packed = await packPayload(Buffer.from(JSON.stringify({ name: 'demo', config, apply_method: 'ssa' })))
    const longest = await longestTurn(() => withClientSideApply(secretOf(packed)))
    assert.ok(longest < 50, `${longest} ms`)
  })

  test('is not made of one that names no method', async () => {
    const packed = await packPayload(Buffer.from('{"config":{"apply_method":"ssa"}}'))
    await assert.rejects(withClientSideApply(secretOf(packed)), { code: 'render.failed' })
  })
})
