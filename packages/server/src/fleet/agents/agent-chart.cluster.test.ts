import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { ensurePart } from '@flotilla/local'
import { parseAllDocuments, stringify } from 'yaml'
import { version } from '../../version.ts'
import { computeJoinObjects, computeJoinValues, type JoinOptions } from './join-manifest.ts'

const chart = path.resolve(import.meta.dirname, '../../../../../charts/flotilla-agent')
const run = promisify(execFile)

interface Rendered {
  readonly kind: string
  readonly metadata: { annotations?: Record<string, string> | undefined }
}

describe('the chart of the agent', () => {
  let dir = ''
  let helm = ''
  before(
    async () => {
      dir = await mkdtemp(path.join(tmpdir(), 'flotilla-chart-'))
      helm = await ensurePart('helm')
    },
    { timeout: 300_000 },
  )
  after(() => rm(dir, { recursive: true, force: true }))

  async function template(values: object, namespace = 'flotilla-system'): Promise<Rendered[]> {
    const file = path.join(dir, 'values.yaml')
    await writeFile(file, stringify(values))
    const { stdout } = await run(helm, ['template', 'flotilla-agent', chart, '-n', namespace, '-f', file])
    return parseAllDocuments(stdout).map((document) => document.toJS() as Rendered)
  }

  const options: JoinOptions = {
    cluster: 'shop-8',
    server: 'https://flotilla.example',
    token: 'fla_token',
    image: 'registry.example/agent:2',
  }
  const tls = { ca: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n', serverName: 'flotilla' }

  for (const [name, given] of [
    ['with a certificate that everybody trusts', options],
    ['with an authority of the server’s own', { ...options, tls }],
  ] as const)
    test(`brings just what the manifest brings, ${name}`, { timeout: 60_000 }, async () => {
      const rendered = await template(computeJoinValues(given))
      for (const { metadata } of rendered) delete metadata.annotations
      const byKind = (all: readonly object[]) =>
        Object.fromEntries(
          (all as Rendered[]).map((object) => [object.kind, JSON.parse(JSON.stringify(object)) as object]),
        )
      const { Namespace: _made, ...manifest } = byKind(computeJoinObjects(given))
      assert.deepEqual(byKind(rendered), manifest)
    })

  test('names the image of this version', { timeout: 60_000 }, async () => {
    const { image: _image, ...values } = computeJoinValues(options)
    assert.ok(JSON.stringify(await template(values)).includes(`"flotilla/agent:${version}"`))
  })

  test('goes through a proxy where it is given one', { timeout: 60_000 }, async () => {
    const proxy = { https: 'http://proxy.example:3128', noProxy: '10.0.0.0/8' }
    const deployment = (await template({ ...computeJoinValues(options), proxy })).find(
      ({ kind }) => kind === 'Deployment',
    )
    assert.match(JSON.stringify(deployment), /"HTTPS_PROXY","value":"http:\/\/proxy.example:3128"/)
  })

  test('refuses another namespace, and says what is missing', { timeout: 60_000 }, async () => {
    await assert.rejects(template(computeJoinValues(options), 'default'), /flotilla-system/)
    await assert.rejects(template({ cluster: 'a', server: 'https://a' }), /token is missing/)
  })
})
