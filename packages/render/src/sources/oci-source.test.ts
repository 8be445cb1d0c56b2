import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createSign, generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { FlotillaError } from '@flotilla/model'
import { createAddressGuard } from '../address-guard.ts'
import { contentDigest } from '../digests.ts'
import { packArchive } from '../archive/pack-archive.ts'
import { chartFolder, filesOf, openTestRenderer, requestOf, type TestRenderer } from '../testing/charts.ts'
import { helmPath } from '../testing/parts.ts'
import { serveHttp, startRegistry, type TestServer } from '../testing/servers.ts'
import { htpasswd } from '../testing/tls.ts'
import type { SourceCredentials, SourceSpec } from '../types.ts'
import { parseChallenge } from './oci-registry.ts'

const run = promisify(execFile)
const anna: SourceCredentials = { auth: { type: 'basic', username: 'anna', password: 's3cret-word' } }

async function refusal(promise: Promise<unknown>): Promise<FlotillaError> {
  const thrown = await promise.then(
    () => assert.fail('it was accepted'),
    (error: unknown) => error,
  )
  assert.ok(thrown instanceof FlotillaError, String(thrown))
  assert.equal(JSON.stringify(thrown).includes('s3cret'), false)
  return thrown
}

describe('charts and folders in a real registry', () => {
  let folder: string
  let open: { host: string; close(): Promise<void> }
  let closed: typeof open
  let tokened: typeof open
  let tokens: TestServer
  let renderer: TestRenderer
  let packed: Buffer
  const chart = (url: string, version: string): SourceSpec => ({ helm: { chart: { oci: { url, version } } } })

  const helm = async (...args: string[]): Promise<void> => {
    await run(await helmPath(), args, { env: { PATH: process.env['PATH'], HOME: folder }, cwd: folder })
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flotilla-oci-test-'))
    const maker = await openTestRenderer()
    await writeFile(join(folder, 'htpasswd'), `${await htpasswd(maker, 'anna', 's3cret-word')}\n`)
    await maker.close()

    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }
    await writeFile(join(folder, 'jwks.json'), JSON.stringify({ keys: [jwk] }))
    tokens = await serveHttp((request, response) => {
      if (request.headers.authorization === undefined) return response.writeHead(401).end()
      const scope = new URL(request.url ?? '/', 'http://x').searchParams.get('scope')?.split(':') ?? []
      const now = Math.floor(Date.now() / 1000)
      const claims = {
        iss: 'test',
        sub: 'anna',
        aud: 'registry',
        exp: now + 60,
        nbf: now - 60,
        iat: now,
        jti: 'x',
        access: [{ type: scope[0], name: scope[1], actions: scope[2]?.split(',') }],
      }
      const body = [{ alg: 'RS256', typ: 'JWT', kid: 'k1' }, claims]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.')
      const signature = createSign('RSA-SHA256').update(body).sign(privateKey, 'base64url')
      return response.end(JSON.stringify({ token: `${body}.${signature}` }))
    })
    open = await startRegistry(folder)
    closed = await startRegistry(folder, { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } })
    tokened = await startRegistry(folder, {
      token: {
        realm: `http://${tokens.host}/token`,
        service: 'registry',
        issuer: 'test',
        jwks: join(folder, 'jwks.json'),
      },
    })

    for (const version of ['1.0.0', '1.1.0', '2.0.0-rc.1', '1.2.0+build.5']) {
      await helm('package', chartFolder('hooks'), '--version', version)
      const file = `hooks-${version}.tgz`
      await helm('push', file, `oci://${open.host}/charts`, '--plain-http')
    }
    packed = await readFile(join(folder, 'hooks-1.0.0.tgz'))
    for (const { host } of [closed, tokened]) {
      await helm(
        'push',
        'hooks-1.0.0.tgz',
        `oci://${host}/charts`,
        '--plain-http',
        '--username',
        'anna',
        '--password',
        's3cret-word',
      )
    }
    const hosts = [open, closed, tokened, tokens].map(({ host }) => host)
    renderer = await openTestRenderer({ guard: createAddressGuard({ allowedHosts: hosts }), insecureHosts: hosts })
  })
  after(async () => {
    await renderer.close()
    await Promise.all([open, closed, tokened, tokens].map((each) => each.close()))
    await rm(folder, { recursive: true, force: true })
  })

  test('a tag, a digest and a range give the chart that was pushed, byte for byte', async () => {
    const url = `oci://${open.host}/charts/hooks`
    const byTag = await renderer.resolveSource(chart(url, '1.0.0'))
    assert.equal(byTag.digest, contentDigest(packed))
    assert.equal(byTag.revision, '1.0.0')
    assert.match(byTag.pinned, new RegExp(`^${url}:1\\.0\\.0@sha256:[0-9a-f]{64}$`))
    const manifest = byTag.pinned.split('@')[1] ?? ''
    assert.equal((await renderer.resolveSource(chart(url, manifest))).digest, byTag.digest)
    for (const [range, version] of [
      ['^1.0', '1.2.0+build.5'],
      ['~1.1.0', '1.1.0'],
      ['>=1.0.0-0', '2.0.0-rc.1'],
      ['1.1', '1.1.0'],
      ['1.2.0+build.5', '1.2.0+build.5'],
    ] as const) {
      assert.equal((await renderer.resolveSource(chart(url, range))).revision, version, range)
    }
    const set = await renderer.render(requestOf(byTag))
    assert.deepEqual(set.chart, { name: 'hooks', version: '1.0.0', appVersion: '' })
  })

  test('basic authentication', async () => {
    const source = chart(`oci://${closed.host}/charts/hooks`, '1.0.0')
    assert.equal((await refusal(renderer.resolveSource(source))).code, 'source.unauthorized')
    const wrong: SourceCredentials = { auth: { type: 'basic', username: 'anna', password: 'no' } }
    assert.equal((await refusal(renderer.resolveSource(source, wrong))).code, 'source.unauthorized')
    assert.equal((await renderer.resolveSource(source, anna)).digest, contentDigest(packed))
  })

  test('a token service of our own, in front of the real registry', async () => {
    const source = chart(`oci://${tokened.host}/charts/hooks`, '1.0.0')
    assert.equal((await refusal(renderer.resolveSource(source))).code, 'source.unauthorized')
    assert.equal((await renderer.resolveSource(source, anna)).digest, contentDigest(packed))
    assert.match(tokens.requests.at(-1)?.line ?? '', /scope=repository%3Acharts%2Fhooks%3Apull/)
  })

  test('a folder that was pushed as one layer', async () => {
    const layer = await packArchive(
      filesOf({ 'app/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' }),
      '.',
    )
    const config = Buffer.from('{}')
    for (const blob of [layer, config]) await pushBlob(open.host, 'folders/app', blob)
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: {
        mediaType: 'application/vnd.example.config.v1+json',
        digest: contentDigest(config),
        size: config.length,
      },
      layers: [
        { mediaType: 'application/vnd.example.content.v1.tar+gzip', digest: contentDigest(layer), size: layer.length },
      ],
    })
    await fetch(`http://${open.host}/v2/folders/app/manifests/v1`, {
      method: 'PUT',
      headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
      body: manifest,
    })
    const source = await renderer.resolveSource({
      manifests: { oci: { url: `oci://${open.host}/folders/app`, version: 'v1' }, path: 'app' },
    })
    assert.deepEqual(
      (await renderer.render(requestOf(source))).objects.map(({ metadata }) => metadata.name),
      ['a'],
    )
    const error = await refusal(renderer.resolveSource(chart(`oci://${open.host}/folders/app`, 'v1')))
    assert.equal(error.code, 'source.refused')
  })

  for (const [title, url, version, code, field] of [
    ['an unknown chart', 'charts/nothing', '1.0.0', 'source.not_found', 'helm.chart.oci.url'],
    ['an unknown tag', 'charts/hooks', '9.9.9', 'source.not_found', 'helm.chart.oci.url'],
    ['a range that nothing fits', 'charts/hooks', '^9', 'source.not_found', 'helm.chart.oci.version'],
    ['a version that is none', 'charts/hooks', '>>1 ||', 'input.invalid', 'version'],
    ['a path that leads elsewhere', 'charts/../../x', '1.0.0', 'input.invalid', 'helm.chart.oci.url'],
    ['a tag in the address', 'charts/hooks:1.0.0', '1.0.0', 'input.invalid', 'helm.chart.oci.url'],
    ['a query in the address', 'charts/hooks?x', '1.0.0', 'input.invalid', 'helm.chart.oci.url'],
  ] as const) {
    test(`refuses ${title}`, async () => {
      const error = await refusal(renderer.resolveSource(chart(`oci://${open.host}/${url}`, version)))
      assert.equal(error.code, code)
      assert.equal(error.field, field)
    })
  }

  for (const [url, code] of [
    ['oci://169.254.169.254/charts/x', 'address.refused'],
    ['oci://127.0.0.1:1/charts/x', 'address.refused'],
    ['oci://user:pass@example.test/charts/x', 'input.invalid'],
    ['https://example.test/charts/x', 'input.invalid'],
  ] as const) {
    test(`refuses ${url}`, async () => {
      const error = await refusal(renderer.resolveSource(chart(url, '1.0.0')))
      assert.equal(error.code, code)
      assert.equal(JSON.stringify(error).includes('pass'), false)
    })
  }

  test('content that is not what its digest says is refused; a lying registry of our own', async () => {
    const layer = Buffer.from('other content')
    const lying = await serveHttp((request, response) => {
      if (request.url?.includes('/blobs/') === true) return response.end(layer)
      const digest = contentDigest('what was promised')
      return response.end(
        JSON.stringify({
          layers: [{ mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip', digest, size: 1 }],
        }),
      )
    })
    const own = await openTestRenderer({
      guard: createAddressGuard({ allowedHosts: [lying.host] }),
      insecureHosts: [lying.host],
    })
    const url = `oci://${lying.host}/charts/x`
    assert.equal((await refusal(own.resolveSource(chart(url, '1.0.0')))).code, 'source.refused')
    assert.equal((await refusal(own.resolveSource(chart(url, contentDigest('a manifest'))))).code, 'source.refused')
    await own.close()
    await lying.close()
  })

  test('a token service at a refused address gets nothing; a hostile registry of our own', async () => {
    const hostile = await serveHttp((_, response) => {
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="https://169.254.169.254/token",service="x"' }).end()
    })
    const own = await openTestRenderer({
      guard: createAddressGuard({ allowedHosts: [hostile.host] }),
      insecureHosts: [hostile.host],
    })
    const error = await refusal(own.resolveSource(chart(`oci://${hostile.host}/charts/x`, '1.0.0'), anna))
    assert.equal(error.code, 'address.refused')
    await own.close()
    await hostile.close()
  })

  test('blobs elsewhere get no credentials', async () => {
    const storage = await serveHttp((_, response) => response.end(packed))
    const front = await serveHttp((request, response) => {
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
      } else if (request.url?.includes('/blobs/') === true) {
        response.writeHead(307, { location: `http://${storage.host}/blob?signature=x` }).end()
      } else {
        const layer = {
          mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
          digest: contentDigest(packed),
          size: packed.length,
        }
        response.end(JSON.stringify({ layers: [layer] }))
      }
    })
    const hosts = [front.host, storage.host]
    const own = await openTestRenderer({ guard: createAddressGuard({ allowedHosts: hosts }), insecureHosts: hosts })
    const source = await own.resolveSource(chart(`oci://${front.host}/charts/x`, '1.0.0'), anna)
    assert.equal(source.digest, contentDigest(packed))
    assert.deepEqual(
      storage.requests.map(({ authorization }) => authorization),
      [undefined],
    )
    await own.close()
    await Promise.all([front.close(), storage.close()])
  })
})

test('challenges are read with their quotes and commas', () => {
  assert.deepEqual(parseChallenge('Bearer realm="https://x/t?a,b",service="s \\"q\\"", scope="a:b:pull,push"'), {
    scheme: 'bearer',
    parameters: Object.assign(Object.create(null) as object, {
      realm: 'https://x/t?a,b',
      service: 's "q"',
      scope: 'a:b:pull,push',
    }),
  })
  assert.equal(parseChallenge('').scheme, '')
})

async function pushBlob(host: string, repository: string, blob: Uint8Array): Promise<void> {
  const begun = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST' })
  const place = new URL(begun.headers.get('location') ?? '', `http://${host}`)
  place.searchParams.set('digest', contentDigest(blob))
  const done = await fetch(place, {
    method: 'PUT',
    body: Buffer.from(blob),
    headers: { 'content-type': 'application/octet-stream' },
  })
  assert.equal(done.status, 201)
}
