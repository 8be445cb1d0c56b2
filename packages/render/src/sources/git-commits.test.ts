import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createAddressGuard } from '../address-guard.ts'
import { openTestRenderer, type TestRenderer } from '../testing/charts.ts'
import { refusal } from '../testing/refusal.ts'
import { gitBackend, serveHttp, type TestServer } from '../testing/servers.ts'
import type { SourceSpec } from '../types.ts'

const run = promisify(execFile)
const folders = 20

describe('many applications of one Git repository', () => {
  let folder: string
  let server: TestServer
  let renderer: TestRenderer
  let broken = false
  let held: Promise<unknown> | undefined
  const of = (path: string): SourceSpec => ({ manifests: { git: { url: `http://${server.host}/repo.git`, path } } })
  /** How often the repository gave out objects. */
  const fetches = (): number => server.requests.filter(({ line }) => line.startsWith('POST')).length

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flotilla-commits-test-'))
    const work = join(folder, 'work')
    const env = { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_GLOBAL: '/dev/null' }
    const git = (...args: string[]) =>
      run('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.test', ...args], { cwd: work, env })
    for (let n = 0; n < folders; n++) {
      await mkdir(join(work, `app-${n}`), { recursive: true })
      const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app-${n}}\n`
      await writeFile(join(work, `app-${n}`, 'a.yaml'), text)
    }
    await git('init', '--quiet')
    await git('add', '--all')
    await git('commit', '--quiet', '--message', 'one')
    await run('git', ['clone', '--quiet', '--bare', work, join(folder, 'repo.git')])
    const backend = gitBackend(folder, (await run('git', ['--exec-path'])).stdout.trim())
    server = await serveHttp((request, response) => {
      const gives = request.url?.endsWith('/git-upload-pack') === true
      if (broken && gives) response.writeHead(500).end()
      else if (gives && held !== undefined) void held.then(() => backend(request, response))
      else backend(request, response)
    })
  })
  after(async () => {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })
  const open = async (): Promise<void> => {
    const hosts = [server.host]
    renderer = await openTestRenderer({ guard: createAddressGuard({ allowedHosts: hosts }), insecureHosts: hosts })
  }

  test('fetch its commit once, at the same time and one after the other', async () => {
    await open()
    const begun = fetches()
    const all = await Promise.all(Array.from({ length: folders }, (_, n) => renderer.resolveSource(of(`app-${n}`))))
    const after = fetches() - begun
    assert.equal(new Set(all.map(({ digest }) => digest)).size, folders)
    await renderer.resolveSource(of('app-3'))
    assert.equal(fetches() - begun, after)
    // one fetch of git's protocol 2 is two requests: what there is, and the objects
    assert.ok(after >= 1 && after <= 2, `${after} requests`)
    await renderer.close()
  })

  test('do not share what was fetched with other credentials', async () => {
    await open()
    await renderer.resolveSource(of('app-0'))
    const begun = fetches()
    await renderer.resolveSource(of('app-0'), { auth: { type: 'bearer', token: 'tok-1' } })
    assert.ok(fetches() > begun)
    await renderer.close()
  })

  test('go on when the one that asked first gives up', async () => {
    await open()
    const { promise, resolve } = Promise.withResolvers<undefined>()
    held = promise
    const first = new AbortController()
    const given = renderer.resolveSource(of('app-1'), undefined, first.signal)
    const other = renderer.resolveSource(of('app-2'))
    const left = assert.rejects(given, /enough/)
    first.abort(new Error('enough'))
    await left
    resolve(undefined)
    held = undefined
    assert.match((await other).pinned, /:app-2$/)
    await renderer.close()
  })

  test('are not told again of a fetch that failed', async () => {
    await open()
    broken = true
    assert.equal((await refusal(renderer.resolveSource(of('app-1')))).code, 'source.unreachable')
    broken = false
    assert.match((await renderer.resolveSource(of('app-1'))).pinned, /:app-1$/)
    await renderer.close()
  })

  test('end at once with the renderer, in the middle of a fetch', { timeout: 20_000 }, async () => {
    await open()
    held = new Promise(() => undefined)
    const begun = fetches()
    const given = assert.rejects(renderer.resolveSource(of('app-1')))
    while (fetches() === begun) await sleep(5)
    await renderer.close()
    await given
    held = undefined
  })
})
