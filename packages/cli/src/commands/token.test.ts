import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { testIo } from '../testing/test-io.ts'
import { logout } from './session.ts'
import { token } from './token.ts'

describe('tokens kept for kubectl (a stand-in for the server)', () => {
  let server: Server
  let dir = ''
  let url = ''
  let signOut = 200
  before(async () => {
    server = createServer((request, response) => {
      const isToken = request.url?.endsWith('/kubernetes/token') === true
      response.writeHead(isToken ? 200 : signOut, { 'content-type': 'application/json' })
      response.end(JSON.stringify(isToken ? { token: 'k', expiresAt: '2026-01-01T00:10:00Z' } : {}))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => new Promise((resolve) => server.close(resolve)))
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'flotilla-token-'))
    const lab = { server: url, user: 'dora', token: 'a' }
    const contexts = { lab, home: { ...lab, token: 'b' } }
    await writeFile(join(dir, 'c.json'), JSON.stringify({ current: 'lab', contexts }), { mode: 0o600 })
    signOut = 200
  })
  afterEach(() => rm(dir, { recursive: true }))
  const io = () => testIo({ env: { FLOTILLA_CONFIG: join(dir, 'c.json') } })
  const kept = async () => (await readdir(dir)).filter((name) => name !== 'c.json').toSorted()

  test('are removed when their time is over and another one is written; nothing else is', async () => {
    const put = (name: string, expiresAt: string) =>
      writeFile(join(dir, name), JSON.stringify({ token: 'k', expiresAt }))
    await put('c.json.kubernetes-00000000000000aa', '2025-12-31T23:59:59Z')
    await put('c.json.kubernetes-00000000000000bb', '2026-01-01T00:05:00Z')
    await writeFile(join(dir, 'c.json.kubernetes-00000000000000cc'), 'no JSON')
    await put('c.json.kubernetes-mine', '2025-12-31T23:59:59Z')
    await put('d.json.kubernetes-00000000000000aa', '2025-12-31T23:59:59Z')
    await token(io(), {})
    const left = await kept()
    assert.equal(left.length, 4, left.join())
    for (const name of ['c.json.kubernetes-00000000000000bb', 'c.json.kubernetes-mine'])
      assert.ok(left.includes(name), name)
    assert.ok(left.includes('d.json.kubernetes-00000000000000aa'), 'of other settings')
  })

  test('go with their session, also when the server does not answer well', async () => {
    await token(io(), {})
    await token(io(), { context: 'home' })
    const both = await kept()
    assert.equal(both.length, 2)
    await logout(io(), { context: 'lab' })
    assert.equal((await kept()).length, 1)
    signOut = 500
    await assert.rejects(logout(io(), { context: 'home' }))
    assert.deepEqual(await kept(), [])
  })
})
