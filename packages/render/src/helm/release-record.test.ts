import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { FlotillaError, type KubeObject } from '@flotilla/model'
import { chartFolder, openTestRenderer, requestOf, type TestRenderer, uploadChart } from '../testing/charts.ts'
import type { ReleaseRecordInput } from '../types.ts'

/** A record as it lies in the cluster: base64 of base64 of gzip of JSON. */
function unwrap(data: string): Record<string, unknown> {
  const inner = Buffer.from(Buffer.from(data, 'base64').toString('latin1'), 'base64')
  return JSON.parse(gunzipSync(inner).toString('utf8')) as Record<string, unknown>
}

describe('release records', () => {
  let renderer: TestRenderer
  let input: ReleaseRecordInput
  before(async () => {
    renderer = await openTestRenderer()
    const source = await uploadChart(renderer, chartFolder('hooks'))
    const set = await renderer.render(requestOf(source, { values: { extra: { list: [1, 'two'] } } }))
    assert.ok(set.helmRelease !== undefined)
    input = {
      name: 'demo',
      namespace: 'shop',
      version: 3,
      status: 'deployed',
      firstDeployed: '2026-01-02T03:04:05Z',
      lastDeployed: '2026-02-03T04:05:06Z',
      description: 'Upgrade complete',
      labels: { team: 'shop' },
      source,
      content: set.helmRelease,
    }
  })
  after(() => renderer.close())

  test('are the Secret that Helm’s storage writes', async () => {
    const secret = await renderer.encodeRelease(input)
    assert.equal(secret.type, 'helm.sh/release.v1')
    assert.equal(secret.metadata.name, 'sh.helm.release.v1.demo.v3')
    assert.equal(secret.metadata.namespace, 'shop')
    const { createdAt, ...labels } = secret.metadata.labels ?? {}
    assert.match(createdAt ?? '', /^\d+$/)
    assert.deepEqual(labels, { name: 'demo', owner: 'helm', status: 'deployed', version: '3', team: 'shop' })
    const record = unwrap(secret.data.release)
    assert.equal(record['apply_method'], 'ssa')
    assert.equal(record['manifest'], input.content.manifest)
    assert.deepEqual(record['config'], { extra: { list: [1, 'two'] } })
    assert.equal((record['hooks'] as unknown[]).length, 6)
    assert.deepEqual((record['chart'] as { metadata: { name: string } }).metadata.name, 'hooks')
  })

  test('come back as they went in', async () => {
    const { content, chart, ...record } = await renderer.decodeRelease(await renderer.encodeRelease(input))
    const { source: _source, content: given, ...identity } = input
    assert.deepEqual(record, { ...identity, applyMethod: 'ssa' })
    assert.deepEqual(content, given)
    assert.deepEqual(chart, { name: 'hooks', version: '1.0.0', appVersion: '' })
  })

  test('are revised in status, description and hook results, and nothing else', async () => {
    const secret = await renderer.encodeRelease(input)
    const run = { startedAt: '2026-02-03T04:05:07Z', completedAt: '2026-02-03T04:05:08Z', phase: 'Succeeded' as const }
    const revised = await renderer.reviseRelease(secret, {
      status: 'superseded',
      description: 'superseded by new release',
      hookRuns: { 'demo-migrate': run },
    })
    assert.equal(revised.metadata.labels?.['status'], 'superseded')
    const before = await renderer.decodeRelease(secret)
    const now = await renderer.decodeRelease(revised)
    assert.deepEqual(now.content.hooks.find(({ name }) => name === 'demo-migrate')?.lastRun, run)
    assert.equal(now.content.manifest, before.content.manifest)
    assert.deepEqual(
      { ...now, status: 0, description: 0, content: 0 },
      { ...before, status: 0, description: 0, content: 0 },
    )
    assert.equal(now.status, 'superseded')
  })

  test('a chart’s subcharts that are off are not recorded, as in Helm', async () => {
    const source = await uploadChart(renderer, chartFolder('subcharts'))
    const values = { tags: { storage: false }, cache: { enabled: false } }
    const { helmRelease } = await renderer.render(requestOf(source, { values }))
    assert.ok(helmRelease !== undefined)
    const secret = await renderer.encodeRelease({ ...input, source, content: helmRelease })
    assert.equal(JSON.stringify(unwrap(secret.data.release)).includes('statefulset.yaml'), false)
  })

  for (const [title, secret] of [
    ['no Secret', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { release: 'x' } }],
    ['a Secret without a record', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data: {} }],
    [
      'a record that is none',
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data: { release: 'bm9uc2Vuc2U=' } },
    ],
  ] satisfies [string, KubeObject][]) {
    test(`refuses ${title}`, async () => {
      await assert.rejects(
        renderer.decodeRelease(secret),
        (thrown) => thrown instanceof FlotillaError && thrown.code === 'input.invalid',
      )
    })
  }
})
