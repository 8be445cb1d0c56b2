import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { FlotillaError } from '@flotilla/model'
import { createAddressGuard } from '../address-guard.ts'
import { contentDigest } from '../digests.ts'
import { chartFolder, openTestRenderer, type TestRenderer } from '../testing/charts.ts'
import { helmPath } from '../testing/parts.ts'
import { serveHttp, type TestServer } from '../testing/servers.ts'
import { makeCertificates } from '../testing/tls.ts'
import type { SourceCredentials, SourceSpec } from '../types.ts'

const run = promisify(execFile)
const anna: SourceCredentials = { auth: { type: 'basic', username: 'anna', password: 's3cret-word' } }
const authorization = `Basic ${Buffer.from('anna:s3cret-word').toString('base64')}`

async function refusal(promise: Promise<unknown>): Promise<FlotillaError> {
  const thrown = await promise.then(
    () => assert.fail('it was accepted'),
    (error: unknown) => error,
  )
  assert.ok(thrown instanceof FlotillaError, String(thrown))
  assert.equal(JSON.stringify(thrown).includes('s3cret'), false)
  return thrown
}

describe('a chart repository that helm itself indexed', () => {
  let folder: string
  let server: TestServer
  let elsewhere: TestServer
  let renderer: TestRenderer
  let certificates: { ca: string; key: string; cert: string }
  /** Changes index.yaml before it is sent. */
  let edit = (index: string): string => index
  const source = (version: string, name = 'hooks', base = `http://${server.host}/charts`): SourceSpec => ({
    helm: { chart: { repository: { url: base, name, version } } },
  })
  const files: RequestListener = (request, response) => {
    const name = basename(new URL(request.url ?? '/', 'http://x').pathname)
    readFile(join(folder, name)).then(
      (bytes) => response.end(name === 'index.yaml' ? edit(bytes.toString('utf8')) : bytes),
      () => response.writeHead(404).end(),
    )
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flotilla-repo-test-'))
    const helm = async (...args: string[]): Promise<void> => {
      await run(await helmPath(), args, { env: { PATH: process.env['PATH'], HOME: folder }, cwd: folder })
    }
    for (const version of ['1.0.0', '1.1.0', '2.0.0-rc.1'])
      await helm('package', chartFolder('hooks'), '--version', version)
    await helm('repo', 'index', '.')
    server = await serveHttp(files)
    elsewhere = await serveHttp(files)
    const hosts = [server.host, elsewhere.host]
    renderer = await openTestRenderer({ guard: createAddressGuard({ allowedHosts: hosts }), insecureHosts: hosts })
    certificates = await makeCertificates(renderer)
  })
  after(async () => {
    await renderer.close()
    await Promise.all([server.close(), elsewhere.close()])
    await rm(folder, { recursive: true, force: true })
  })

  test('a version and a range give what helm would take', async () => {
    for (const [wanted, version] of [
      ['1.0.0', '1.0.0'],
      ['^1', '1.1.0'],
      ['>=1.0.0-0', '2.0.0-rc.1'],
      ['', '1.1.0'],
    ] as const) {
      const resolved = await renderer.resolveSource(source(wanted))
      assert.equal(resolved.revision, version)
      assert.equal(resolved.digest, contentDigest(await readFile(join(folder, `hooks-${version}.tgz`))))
    }
  })

  test('an index that did not change is not sent again, and not to somebody else', async () => {
    let tag = '"one"'
    const sent: (string | undefined)[] = []
    const asked: (string | undefined)[] = []
    const tagged = await serveHttp((request, response) => {
      if (!request.url?.endsWith('index.yaml')) return files(request, response)
      const condition = request.headers['if-none-match']
      asked.push(condition)
      response.setHeader('etag', tag)
      if (condition === tag) return response.writeHead(304).end()
      sent.push(tag)
      return files(request, response)
    })
    const hosts = [tagged.host]
    const own = await openTestRenderer({ guard: createAddressGuard({ allowedHosts: hosts }), insecureHosts: hosts })
    const spec = (version: string) => source(version, 'hooks', `http://${tagged.host}/charts`)
    try {
      for (const round of [1, 2, 3]) assert.equal((await own.resolveSource(spec('^1'))).revision, '1.1.0', `${round}`)
      assert.deepEqual(sent, ['"one"'])
      // another range was not looked for yet, and another person may see another index
      assert.equal((await own.resolveSource(spec('1.0.0'))).revision, '1.0.0')
      await own.resolveSource(spec('^1'), anna)
      assert.deepEqual(asked, [undefined, '"one"', '"one"', undefined, undefined])
      tag = '"two"'
      edit = (index) => index.replaceAll('version: 1.1.0', 'version: 1.0.5')
      assert.equal((await own.resolveSource(spec('^1'))).revision, '1.0.5')
    } finally {
      edit = (index) => index
      await own.close()
      await tagged.close()
    }
  })

  test('an archive elsewhere is fetched without the credentials of the repository', async () => {
    edit = (index) => index.replaceAll('- hooks-', `- http://${elsewhere.host}/files/hooks-`)
    const before = server.requests.length
    await renderer.resolveSource(source('1.0.0'), anna)
    edit = (index) => index
    assert.deepEqual(
      server.requests.slice(before).map((request) => request.authorization),
      [authorization],
    )
    assert.deepEqual(
      elsewhere.requests.map((request) => request.authorization),
      [undefined],
    )
  })

  test('relative addresses keep the folder and get the credentials', async () => {
    const before = server.requests.length
    await renderer.resolveSource(source('1.0.0'), anna)
    assert.deepEqual(
      server.requests.slice(before).map((request) => request.line),
      ['GET /charts/index.yaml', 'GET /charts/hooks-1.0.0.tgz'],
    )
    assert.ok(server.requests.slice(before).every((request) => request.authorization === authorization))
  })

  for (const [title, change, code] of [
    [
      'an archive at a refused address',
      (index: string) => index.replaceAll('- hooks-', '- https://169.254.169.254/hooks-'),
      'address.refused',
    ],
    [
      'an archive in the file system',
      (index: string) => index.replaceAll('- hooks-', '- file:///etc/hooks-'),
      'source.refused',
    ],
    [
      'an archive over plain HTTP from anywhere',
      (index: string) => index.replaceAll('- hooks-', '- http://example.test/hooks-'),
      'source.refused',
    ],
    [
      'another archive than the index says',
      (index: string) => index.replaceAll(/digest: \w+/g, `digest: ${'0'.repeat(64)}`),
      'source.refused',
    ],
    ['an index that is no YAML', () => 'entries: [', 'source.refused'],
    ['an index without the chart', () => 'apiVersion: v1\nentries: {}', 'source.not_found'],
    ['an index of nothing', () => '', 'source.not_found'],
    ['a chart without an address', () => 'entries: {hooks: [{name: hooks, version: 1.0.0}]}', 'source.not_found'],
  ] as const) {
    test(`refuses ${title}`, async () => {
      edit = change
      try {
        assert.equal((await refusal(renderer.resolveSource(source('1.0.0')))).code, code)
      } finally {
        edit = (index) => index
      }
    })
  }

  for (const [title, spec, code] of [
    ['an unknown version', () => source('9.9.9'), 'source.not_found'],
    ['plain HTTP to a host nobody listed', () => source('1.0.0', 'hooks', 'http://127.0.0.1:1/x'), 'source.refused'],
    ['loopback', () => source('1.0.0', 'hooks', 'https://127.0.0.1:1/x'), 'address.refused'],
    ['a password in the address', () => source('1.0.0', 'hooks', 'https://a:b@example.test/'), 'input.invalid'],
    ['a scheme of files', () => source('1.0.0', 'hooks', 'file:///etc'), 'input.invalid'],
  ] as const) {
    test(`refuses ${title}`, async () => {
      assert.equal((await refusal(renderer.resolveSource(spec()))).code, code)
    })
  }

  test('a private certificate authority is trusted where the credential brings it, and only there', async () => {
    const secure = await serveHttp(files, certificates)
    const own = await openTestRenderer({ guard: createAddressGuard({ allowedHosts: [secure.host] }) })
    const spec = source('1.0.0', 'hooks', `https://${secure.host}/charts`)
    assert.equal((await refusal(own.resolveSource(spec))).code, 'source.unreachable')
    assert.equal((await own.resolveSource(spec, { ca: certificates.ca })).revision, '1.0.0')
    await own.close()
    await secure.close()
  })

  test('redirects that never end, bodies that are too large and silence are bounded', async () => {
    const circle = await serveHttp((request, response) => response.writeHead(302, { location: request.url }).end())
    const flood = await serveHttp((_, response) => {
      const chunk = Buffer.alloc(1024 * 1024)
      const pour = (): void => {
        while (!response.destroyed && response.write(chunk));
        response.once('drain', pour)
      }
      pour()
    })
    const silent = await serveHttp(() => undefined)
    const hosts = [circle.host, flood.host, silent.host]
    const own = await openTestRenderer({ guard: createAddressGuard({ allowedHosts: hosts }), insecureHosts: hosts })
    assert.equal(
      (await refusal(own.resolveSource(source('1', 'x', `http://${circle.host}`)))).code,
      'source.unreachable',
    )
    assert.equal((await refusal(own.resolveSource(source('1', 'x', `http://${flood.host}`)))).code, 'input.too_large')
    const stopped = own.resolveSource(source('1', 'x', `http://${silent.host}`), undefined, AbortSignal.timeout(50))
    await assert.rejects(stopped, { name: 'TimeoutError' })
    await own.close()
    await Promise.all([circle, flood, silent].map((each) => each.close()))
  })
})
