import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { testIo } from '../testing/test-io.ts'
import { login } from './session.ts'

describe('login --browser (a stand-in for the server and for the browser)', () => {
  let server: Server
  let url = ''
  let dir = ''
  let redeemed: { code: string; verifier: string } | undefined
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'flotilla-browser-login-'))
    server = createServer((asked, response) => {
      let text = ''
      asked.on('data', (part: Buffer) => (text += part.toString()))
      asked.on('end', () => {
        redeemed = JSON.parse(text) as typeof redeemed
        const person = { name: 'corp-1', uid: 'u', roles: [], groups: [] }
        response.writeHead(201, { 'content-type': 'application/json' })
        response.end(
          JSON.stringify({
            person,
            kind: 'cli',
            expiresAt: '2026-01-02T00:00:00Z',
            mustChangePassword: false,
            token: 't',
          }),
        )
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(async () => {
    await new Promise((resolve) => server.close(resolve))
    await rm(dir, { recursive: true })
  })

  const statusOf = (port: number, path: string, host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      request({ port, host: '127.0.0.1', path, headers: { host } }, (answer) => resolve(answer.resume().statusCode))
        .once('error', reject)
        .end()
    })

  test('takes the code on loopback from nobody else, proves that it asked, and keeps the token', async () => {
    let challenge = ''
    const seen: (number | undefined)[] = []
    const io = testIo({
      env: { FLOTILLA_CONFIG: join(dir, 'c.json') },
      openBrowser: (address) => {
        const { searchParams, pathname } = new URL(address)
        assert.equal(pathname, '/command-line')
        challenge = searchParams.get('challenge') ?? ''
        const port = Number(searchParams.get('port'))
        const own = `127.0.0.1:${port}`
        void (async () => {
          seen.push(await statusOf(port, '/?code=evil', `rebound.example:${port}`))
          seen.push(await statusOf(port, '/favicon.ico', own))
          seen.push(await statusOf(port, '/?code=the-code', own))
        })()
      },
    })
    await login(io, url, { browser: true })
    assert.deepEqual(seen.slice(0, 2), [404, 404])
    assert.equal(redeemed?.code, 'the-code')
    assert.equal(createHash('sha256').update(redeemed.verifier).digest('base64url'), challenge)
    const settings = JSON.parse(await readFile(join(dir, 'c.json'), 'utf8')) as {
      contexts: Record<string, { user: string; token: string }>
    }
    assert.deepEqual(
      Object.values(settings.contexts).map(({ user, token }) => [user, token]),
      [['corp-1', 't']],
    )
    assert.equal(io.said.out.includes('the-code'), false)
  })
})
