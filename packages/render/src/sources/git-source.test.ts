import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { createAddressGuard } from '../address-guard.ts'
import { openTestRenderer, requestOf, type TestRenderer } from '../testing/charts.ts'
import { gitBackend, serveHttp, type TestServer } from '../testing/servers.ts'
import { refusal } from '../testing/refusal.ts'
import type { SourceSpec } from '../types.ts'
import { parseAdvertisement } from './git-refs.ts'

const run = promisify(execFile)

describe('Git sources, served by git itself', () => {
  let folder: string
  let renderer: TestRenderer
  let server: TestServer
  let closed: TestServer
  let moved: TestServer
  const commits: string[] = []
  const git = async (...args: string[]): Promise<string> => {
    const env = { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_GLOBAL: '/dev/null' }
    const named = ['-c', 'user.name=a', '-c', 'user.email=a@example.test', '-c', 'init.defaultBranch=main', ...args]
    return (await run('git', named, { cwd: join(folder, 'work'), env })).stdout.trim()
  }
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(join(folder, 'work', path, '..'), { recursive: true })
    await writeFile(join(folder, 'work', path), text)
  }
  const url = (host = server.host): string => `http://${host}/repo.git`
  const manifests = (path: string, ref?: string): SourceSpec => ({ manifests: { git: { url: url(), ref, path } } })

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flotilla-git-test-'))
    await mkdir(join(folder, 'work'))
    await git('init', '--quiet')
    await write('chart/Chart.yaml', 'apiVersion: v2\nname: shop\nversion: 1.0.0\n')
    await write('chart/.helmignore', 'ignored.txt\n')
    await write('chart/ignored.txt', 'x')
    await write(
      'chart/templates/a.yaml',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}"}\ndata: {x: "{{ .Files.Get "ignored.txt" }}{{ .Files.Get "shared.txt" }}"}\n',
    )
    await write('shared/text.txt', 'shared')
    await symlink('../shared/text.txt', join(folder, 'work/chart/shared.txt'))
    await symlink('/etc/passwd', join(folder, 'work/chart/passwd'))
    await symlink('../../../etc', join(folder, 'work/chart/etc'))
    await write('plain/a.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n')
    await write('plain/.github/workflow.yaml', 'not: an object\n')
    await write('base/kustomization.yaml', 'resources: [a.yaml]\n')
    await write('base/a.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: base}\n')
    await write('overlays/prod/kustomization.yaml', 'resources: [../../base]\nnamePrefix: prod-\n')
    await write('.gitattributes', '*.yaml filter=evil\n')
    await git('add', '--all')
    await git('commit', '--quiet', '--message', 'one')
    await git('tag', '--annotate', 'v1', '--message', 'v1')
    commits.push(await git('rev-parse', 'HEAD'))
    await write('plain/a.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: two}\n')
    await git('commit', '--quiet', '--all', '--message', 'two')
    commits.push(await git('rev-parse', 'HEAD'))
    await git('branch', 'feature/x')
    await run('git', ['clone', '--quiet', '--bare', join(folder, 'work'), join(folder, 'repo.git')])
    const execPath = (await run('git', ['--exec-path'])).stdout.trim()
    const backend = gitBackend(folder, execPath)
    server = await serveHttp(backend)
    closed = await serveHttp((request, response) => {
      const wanted = `Basic ${Buffer.from('anna:s3cret-word').toString('base64')}`
      if (request.headers.authorization === wanted) return backend(request, response)
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
    })
    moved = await serveHttp((request, response) => {
      response.writeHead(301, { location: `http://${server.host}${request.url}` }).end()
    })
    const hosts = [server, closed, moved].map(({ host }) => host)
    renderer = await openTestRenderer({
      guard: createAddressGuard({ allowedHosts: hosts }),
      insecureHosts: hosts,
      allowFileGit: true,
    })
  })
  after(async () => {
    await renderer.close()
    await Promise.all([server, closed, moved].map((each) => each.close()))
    await rm(folder, { recursive: true, force: true })
  })

  const namesOf = async (source: SourceSpec): Promise<string[]> => {
    const set = await renderer.render(requestOf(await renderer.resolveSource(source)))
    return set.objects.map((object) => object.metadata.name)
  }

  test('a branch, a tag, a commit and the default branch each give their commit', async () => {
    for (const [ref, commit, name] of [
      [undefined, commits[1], 'two'],
      ['main', commits[1], 'two'],
      ['feature/x', commits[1], 'two'],
      ['refs/heads/main', commits[1], 'two'],
      ['v1', commits[0], 'one'],
      [commits[0], commits[0], 'one'],
    ]) {
      const source = await renderer.resolveSource(manifests('plain', ref))
      assert.equal(source.revision, commit)
      assert.equal(source.pinned, `${url()}@${commit}:plain`)
      assert.deepEqual(await namesOf(manifests('plain', ref)), [name])
    }
  })

  test('the digest is that of the folder: another folder’s change leaves it', async () => {
    const [one, two] = await Promise.all(
      commits.map((ref) => renderer.resolveSource({ helm: { chart: { git: { url: url(), ref, path: 'chart' } } } })),
    )
    assert.equal(one?.digest, two?.digest)
    assert.notEqual(one?.revision, two?.revision)
  })

  test('a chart is loaded as Helm loads its folder; links inside are followed, links that lead out are not there', async () => {
    const source = await renderer.resolveSource({ helm: { chart: { git: { url: url(), path: './chart/' } } } })
    const set = await renderer.render(requestOf(source))
    assert.deepEqual(set.objects[0]?.['data'], { x: 'shared' })
    assert.equal(Buffer.from(source.bytes).includes('root:'), false)
  })

  test('a kustomization reaches its base in the same repository', async () => {
    assert.deepEqual(await namesOf({ kustomize: { git: { url: url(), path: 'overlays/prod' } } }), ['prod-base'])
  })

  test('of a repository with more files than are read, a folder is read with what its links lead to', async () => {
    const tree = (await git('ls-tree', 'HEAD')).split('\n')
    const blob = await git('rev-parse', 'HEAD:plain/a.yaml')
    const inner = Array.from({ length: 10_050 }, (_, n) => `100644 blob ${blob}\tf${n}.yaml`).join('\n')
    const mktree = async (lines: string): Promise<string> => {
      await writeFile(join(folder, 'lines'), `${lines}\n`)
      return (await run('sh', ['-c', 'git mktree < ../lines'], { cwd: join(folder, 'work') })).stdout.trim()
    }
    const root = await mktree([...tree, `040000 tree ${await mktree(inner)}\thuge`].join('\n'))
    const commit = await git('commit-tree', root, '-m', 'huge')
    await git('push', '--quiet', join(folder, 'repo.git'), `${commit}:refs/heads/huge`)
    const chart = await renderer.resolveSource({ helm: { chart: { git: { url: url(), ref: 'huge', path: 'chart' } } } })
    const small = await renderer.resolveSource({ helm: { chart: { git: { url: url(), ref: 'main', path: 'chart' } } } })
    assert.equal(chart.digest, small.digest)
    assert.equal((await renderer.resolveSource(manifests('plain', 'huge'))).revision, commit)
    const refused = await refusal(renderer.resolveSource(manifests('huge', 'huge')))
    assert.equal(refused.code, 'input.too_large')
    assert.equal(refused.field, 'manifests.git.path')
    assert.match(refused.remedy ?? '', /smaller folder/)
    const whole = await refusal(
      renderer.resolveSource({ kustomize: { git: { url: url(), ref: 'huge', path: 'overlays/prod' } } }),
    )
    assert.match(whole.remedy ?? '', /kustomization/)
  })

  test('a file:// repository, where the administrator allows it', async () => {
    assert.deepEqual(
      await namesOf({ manifests: { git: { url: `file://${folder}/repo.git`, ref: 'v1', path: 'plain' } } }),
      ['one'],
    )
    const strict = await openTestRenderer()
    const error = await refusal(strict.resolveSource({ manifests: { git: { url: `file://${folder}/repo.git` } } }))
    assert.equal(error.code, 'source.refused')
    await strict.close()
  })

  test('credentials open a closed repository and are nowhere to be seen', async () => {
    const source: SourceSpec = { manifests: { git: { url: url(closed.host), path: 'plain' } } }
    assert.equal((await refusal(renderer.resolveSource(source))).code, 'source.unauthorized')
    const wrong = await refusal(
      renderer.resolveSource(source, { auth: { type: 'basic', username: 'anna', password: 'wrong-word' } }),
    )
    assert.equal(wrong.code, 'source.unauthorized')
    assert.equal(JSON.stringify(wrong).includes('wrong-word'), false)
    const resolved = await renderer.resolveSource(source, {
      auth: { type: 'basic', username: 'anna', password: 's3cret-word' },
    })
    assert.equal(resolved.revision, commits[1])
    assert.equal(JSON.stringify({ ...resolved, bytes: 0 }).includes('s3cret'), false)
  })

  test('a redirect is followed after a check, without the credentials', async () => {
    const before = server.requests.length
    const resolved = await renderer.resolveSource(
      { manifests: { git: { url: url(moved.host), path: 'plain' } } },
      { auth: { type: 'bearer', token: 'tok-3n' } },
    )
    assert.equal(resolved.revision, commits[1])
    assert.ok(moved.requests.every(({ authorization }) => authorization !== undefined))
    assert.ok(server.requests.slice(before).every(({ authorization }) => authorization === undefined))
  })

  test('a redirect to an address that is refused is refused', async () => {
    const evil = await serveHttp((_, response) =>
      response.writeHead(302, { location: 'https://169.254.169.254/info/refs' }).end(),
    )
    const own = await openTestRenderer({
      guard: createAddressGuard({ allowedHosts: [evil.host] }),
      insecureHosts: [evil.host],
    })
    const error = await refusal(own.resolveSource({ manifests: { git: { url: url(evil.host) } } }))
    assert.equal(error.code, 'address.refused')
    assert.equal(error.value, '169.254.169.254')
    await own.close()
    await evil.close()
  })

  test('what ssh has is refused with the way over https', async () => {
    for (const address of ['ssh://git@example.test/a', 'git@example.test:a.git']) {
      const { remedy } = await refusal(renderer.resolveSource({ manifests: { git: { url: address } } }))
      assert.match(remedy ?? '', /https:.*Credential/)
    }
  })

  for (const [title, spec, code, field] of [
    ['a URL that is an option', { url: '--upload-pack=touch /tmp/x' }, 'source.refused', 'manifests.git.url'],
    ['a transport helper', { url: 'ext::sh -c touch% /tmp/x' }, 'source.refused', 'manifests.git.url'],
    ['another transport helper', { url: 'fd::17' }, 'source.refused', 'manifests.git.url'],
    ['a line break in a URL', { url: 'https://example.test/a\r\nX: y' }, 'source.refused', 'manifests.git.url'],
    ['ssh', { url: 'ssh://git@example.test/a' }, 'source.refused', 'manifests.git.url'],
    ['scp’s form', { url: 'git@example.test:a.git' }, 'source.refused', 'manifests.git.url'],
    ['git’s own protocol', { url: 'git://example.test/a' }, 'source.refused', 'manifests.git.url'],
    ['a password in a URL', { url: 'https://a:b@example.test/a' }, 'source.refused', 'manifests.git.url'],
    ['plain HTTP to a host nobody listed', { url: 'http://example.test/a' }, 'source.refused', 'manifests.git.url'],
    ['loopback', { url: 'https://127.0.0.1/a' }, 'address.refused', 'manifests.git.url'],
    ['metadata', { url: 'https://169.254.169.254/a' }, 'address.refused', 'manifests.git.url'],
    ['a ref that is an option', { ref: '--output=/tmp/x' }, 'source.refused', 'manifests.git.ref'],
    ['a ref with a line break', { ref: 'main\nx' }, 'source.refused', 'manifests.git.ref'],
    ['a refspec', { ref: 'main:refs/heads/x' }, 'source.refused', 'manifests.git.ref'],
    ['a range', { ref: 'a..b' }, 'source.refused', 'manifests.git.ref'],
    ['a reflog', { ref: 'main@{1}' }, 'source.refused', 'manifests.git.ref'],
    ['a ref that is not there', { ref: 'nowhere' }, 'source.not_found', 'manifests.git.ref'],
    ['a path that is an option', { path: '-x' }, 'source.refused', 'manifests.path'],
    ['a path that leads out', { path: 'a/../../etc' }, 'source.refused', 'manifests.path'],
    ['an absolute path', { path: '/etc' }, 'source.refused', 'manifests.path'],
    ['a path with a line break', { path: 'a\rb' }, 'source.refused', 'manifests.path'],
    ['a path that is not there', { path: 'nowhere' }, 'source.not_found', 'manifests.git.path'],
  ] as const) {
    test(`refuses ${title}`, async () => {
      const error = await refusal(renderer.resolveSource({ manifests: { git: { url: url(), ...spec } } }))
      assert.equal(error.code, code)
      assert.equal(error.field, field)
    })
  }

  test('an answer that is no repository is refused as that', async () => {
    const odd = await serveHttp((_, response) => response.end('<html>sign in</html>'))
    const own = await openTestRenderer({
      guard: createAddressGuard({ allowedHosts: [odd.host] }),
      insecureHosts: [odd.host],
    })
    assert.equal(
      (await refusal(own.resolveSource({ manifests: { git: { url: url(odd.host) } } }))).code,
      'source.refused',
    )
    await own.close()
    await odd.close()
  })

  test('an aborted fetch ends with the reason and leaves no process and no folder', async () => {
    const slow = await serveHttp(() => undefined)
    const own = await openTestRenderer({
      guard: createAddressGuard({ allowedHosts: [slow.host] }),
      insecureHosts: [slow.host],
    })
    const source = own.resolveSource(
      { manifests: { git: { url: url(slow.host) } } },
      undefined,
      AbortSignal.timeout(50),
    )
    await assert.rejects(source, { name: 'TimeoutError' })
    await own.close()
    await slow.close()
  })
})

test('an advertisement that is cut or nonsense is none', () => {
  for (const text of ['', '0000', 'zzzz', '001e# service=git-upload-pack', 'ffff# service', '0003']) {
    assert.equal(parseAdvertisement(Buffer.from(text)), undefined, text)
  }
})
