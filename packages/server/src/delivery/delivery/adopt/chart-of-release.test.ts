import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { packChartOf, splitSecretValues } from './chart-of-release.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const record = (more: Record<string, unknown> = {}, manifest = '') => ({
  manifest,
  chart: {
    metadata: {
      name: 'web',
      version: '1.0.0',
      apiVersion: 'v2',
      dependencies: [{ name: 'db', condition: 'db.enabled' }],
    },
    templates: [{ name: 'templates/a.yaml', data: base64('kind: A\n') }],
    files: [{ name: 'crds/c.yaml', data: base64('kind: C\n') }],
    values: { a: 1 },
    ...more,
  },
})
const list = (archive: Uint8Array): string[] =>
  execFileSync('tar', ['-t'], { input: gunzipSync(archive) })
    .toString()
    .trim()
    .split('\n')
const read = (archive: Uint8Array, path: string): string =>
  execFileSync('tar', ['-x', '-O', path], { input: gunzipSync(archive) }).toString()

describe('the chart of a release', () => {
  test('is packed again as it was, without dependencies that were off', async () => {
    const archive = await packChartOf(record({ schema: base64('{}') }))
    assert.deepEqual(list(archive), [
      'web/Chart.yaml',
      'web/crds/c.yaml',
      'web/templates/a.yaml',
      'web/values.schema.json',
      'web/values.yaml',
    ])
    assert.equal(read(archive, 'web/templates/a.yaml'), 'kind: A\n')
    assert.equal(read(archive, 'web/Chart.yaml').includes('dependencies'), false)
  })

  test('cannot be had when subcharts were rendered', async () => {
    await assert.rejects(packChartOf(record({}, '# Source: web/charts/db/templates/x.yaml')), { code: 'input.invalid' })
  })

  test('is refused when its files would lie elsewhere', async () => {
    for (const name of ['../x', '/etc/x', 'a/../../x', 'a\\b', 'a//b', './x']) {
      await assert.rejects(packChartOf(record({ files: [{ name, data: '' }] })), { code: 'archive.refused' }, name)
    }
  })
})

test('values that look secret are told apart from those that may be shown', () => {
  const values = {
    greeting: 'hi',
    auth: { username: 'u', password: 'p', existingSecret: '' },
    env: [{ name: 'API_TOKEN', value: 'x' }],
    ports: [80],
    empty: {},
  }
  assert.deepEqual(splitSecretValues(values), {
    shown: { greeting: 'hi', auth: { username: 'u' }, ports: [80], empty: {} },
    hidden: { auth: { password: 'p', existingSecret: '' }, env: [{ name: 'API_TOKEN', value: 'x' }] },
  })
})
