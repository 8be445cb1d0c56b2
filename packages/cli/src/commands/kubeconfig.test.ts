import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { parse } from 'yaml'
import { testIo } from '../testing/test-io.ts'
import { kubeconfig, type KubeconfigOptions } from './kubeconfig.ts'

interface Written {
  contexts: { name: string }[]
  users: { user: { exec: { env?: { name: string; value: string }[] } } }[]
}

describe('a kubeconfig that is written again (a stand-in for the server)', () => {
  let server: Server
  let dir = ''
  let file = ''
  let reached: object
  const tls = { ca: 'PEM', serverName: 'flotilla' }
  const host = { path: '/k8s/host', namespaces: [] }
  const clusters = (...names: string[]) => ({
    items: names.map((name) => ({ name, path: `/k8s/clusters/${name}`, namespaces: [] })),
    tls,
  })
  before(async () => {
    server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(reached))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    dir = await mkdtemp(join(tmpdir(), 'flotilla-kubeconfig-'))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const settings = { current: 'lab', contexts: { lab: { server: url, user: 'dora', token: 't' } } }
    await writeFile(join(dir, 'settings.json'), JSON.stringify(settings), { mode: 0o600 })
    file = join(dir, 'kubeconfig')
  })
  after(async () => {
    await new Promise((resolve) => server.close(resolve))
    await rm(dir, { recursive: true })
  })
  beforeEach(() => rm(file, { force: true }))

  async function write(options: Partial<KubeconfigOptions> = {}, config = join(dir, 'settings.json')) {
    const io = testIo({ env: { FLOTILLA_CONFIG: config }, cwd: process.cwd() })
    await kubeconfig(io, { prefix: 'flotilla-', file, ...options })
    const written = parse(await readFile(file, 'utf8')) as Written
    return { out: io.said.out, written, names: written.contexts.map(({ name }) => name) }
  }

  test('with one cluster takes no other out', async () => {
    reached = { ...clusters('east', 'west'), host }
    await write()
    reached = clusters('east')
    const { names, out } = await write({ cluster: ['east'] })
    assert.deepEqual(names, ['flotilla-east', 'flotilla-west', 'flotilla'])
    assert.doesNotMatch(out, /Taken out/)
  })

  test('takes out, and says, what is reached no longer, the host too', async () => {
    reached = { ...clusters('east', 'west'), host }
    await write()
    reached = clusters('east')
    const { names, out } = await write()
    assert.deepEqual(names, ['flotilla-east'])
    assert.match(out, /Taken out: flotilla-west,/)
    assert.match(out, /Taken out: flotilla,/)
  })

  test('with another prefix leaves the contexts of the earlier one, and says nothing of them', async () => {
    for (const prefix of ['x-', '']) {
      reached = { ...clusters('east', 'west'), host }
      await rm(file, { force: true })
      await write()
      reached = { ...clusters('east'), host }
      const { names, out } = await write({ prefix })
      for (const earlier of ['flotilla-east', 'flotilla-west', 'flotilla'])
        assert.ok(names.includes(earlier), `${earlier} after prefix "${prefix}" in ${names.join()}`)
      assert.ok(names.includes(`${prefix}east`))
      assert.doesNotMatch(out, /Taken out/)
    }
  })

  test('names the settings by a path that holds in every folder', async () => {
    reached = clusters('east')
    const settings = join(dir, 'settings.json')
    const fromHere = relative(process.cwd(), settings)
    const { written } = await write({}, fromHere)
    assert.deepEqual(written.users[0]?.user.exec.env, [{ name: 'FLOTILLA_CONFIG', value: settings }])
  })
})
