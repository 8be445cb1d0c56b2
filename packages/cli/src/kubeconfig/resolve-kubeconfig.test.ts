import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { parse, stringify } from 'yaml'
import { testIo } from '../testing/test-io.ts'
import { resolveKubeconfig } from './resolve-kubeconfig.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flotilla-kubeconfig-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

interface Resolved {
  clusters: { cluster: Record<string, unknown> }[]
  users: { user: Record<string, unknown> }[]
  contexts: { name: string }[]
}

async function resolve(
  user: Record<string, unknown>,
  given: Parameters<typeof testIo>[0] = {},
  consent = false,
  cluster = {},
) {
  const file = join(dir, 'config')
  const other = { name: 'other', context: { cluster: 'c', user: 'other' } }
  await writeFile(
    file,
    stringify({
      'current-context': 'main',
      contexts: [{ name: 'main', context: { cluster: 'c', user: 'u' } }, other],
      clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443', ...cluster } }],
      users: [
        { name: 'u', user },
        { name: 'other', user: { token: 'of-somebody-else' } },
      ],
    }),
  )
  const text = await resolveKubeconfig(testIo({ cwd: dir, ...given }), { file, context: undefined, consent })
  return { text, config: parse(text) as Resolved }
}

async function plugin(output: string, code = 0): Promise<string> {
  const path = join(dir, 'plugin')
  await writeFile(path, `#!/bin/sh\necho "$0" >> ${dir}/ran\ncat <<'X'\n${output}\nX\nexit ${code}\n`)
  await chmod(path, 0o755)
  return path
}
const ran = async () =>
  await import('node:fs/promises').then(({ readFile }) => readFile(join(dir, 'ran'), 'utf8').catch(() => ''))

describe('a kubeconfig on its way to the server', () => {
  test('holds one context with its files inline, and nothing of the others', async () => {
    await writeFile(join(dir, 'ca.crt'), 'CA')
    await writeFile(join(dir, 'key'), 'KEY')
    await writeFile(join(dir, 'token'), 'TOKEN\n')
    const { text, config } = await resolve({ 'client-key': 'key', tokenFile: join(dir, 'token') }, {}, false, {
      'certificate-authority': 'ca.crt',
    })
    assert.deepEqual(config.clusters[0]?.cluster['certificate-authority-data'], Buffer.from('CA').toString('base64'))
    assert.deepEqual(config.users[0]?.user, {
      'client-key-data': Buffer.from('KEY').toString('base64'),
      token: 'TOKEN',
    })
    assert.equal(config.contexts.length, 1)
    assert.ok(!text.includes('of-somebody-else') && !text.includes(dir))
  })

  test('what stands in the file wins over a path beside it, as for kubectl', async () => {
    await writeFile(join(dir, 'ca.crt'), 'OTHER')
    const { config } = await resolve({ 'client-key': 'nowhere', 'client-key-data': 'S0VZ', token: 't' }, {}, false, {
      'certificate-authority': 'ca.crt',
      'certificate-authority-data': 'Q0E=',
    })
    assert.equal(config.clusters[0]?.cluster['certificate-authority-data'], 'Q0E=')
    assert.deepEqual(config.users[0]?.user, { 'client-key-data': 'S0VZ', token: 't' })
  })

  test('several files of KUBECONFIG are merged as kubectl merges them', async () => {
    await mkdir(join(dir, 'b'))
    await writeFile(join(dir, 'b', 'ca.crt'), 'OF B')
    const first = { users: [{ name: 'u', user: { token: 'first' } }], 'current-context': '' }
    const second = {
      'current-context': 'no',
      contexts: [{ name: 'no', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443', 'certificate-authority': 'ca.crt' } }],
      users: [{ name: 'u', user: { token: 'second' } }],
    }
    await writeFile(join(dir, 'a'), stringify(first))
    await writeFile(join(dir, 'b', 'config'), stringify(second))
    const io = testIo({ cwd: dir, env: { KUBECONFIG: `a:missing::${join(dir, 'b', 'config')}` } })
    // kubectl reads YAML 1.1, where a bare no is no text
    await assert.rejects(resolveKubeconfig(io, { file: undefined, context: undefined, consent: false }), /no current/)
    await writeFile(join(dir, 'b', 'config'), stringify(second, { version: '1.1' }))
    const text = await resolveKubeconfig(io, { file: undefined, context: undefined, consent: false })
    const { users, clusters } = parse(text) as Resolved
    assert.deepEqual(users[0]?.user, { token: 'first' })
    assert.equal(clusters[0]?.cluster['certificate-authority-data'], Buffer.from('OF B').toString('base64'))
    const gone = testIo({ cwd: dir, env: { KUBECONFIG: 'x:y' } })
    await assert.rejects(resolveKubeconfig(gone, { file: undefined, context: undefined, consent: false }), /x, y/)
  })

  test('a program is not run without consent', async () => {
    const command = await plugin('{}')
    await assert.rejects(resolve({ exec: { command, args: ['get-token'] } }), /get-token\); agree with --yes/)
    await assert.rejects(
      resolve({ exec: { command } }, { interactive: true, ask: () => Promise.resolve('n') }),
      /was not run/,
    )
    assert.equal(await ran(), '')
  })

  test('with consent it is run once and its token takes its place', async () => {
    const command = await plugin('{"status":{"token":"short-lived","expirationTimestamp":"2026-01-01T01:00:00Z"}}')
    const asked: string[] = []
    const { config } = await resolve(
      { exec: { command, args: ['\u001B[2Jget'] } },
      {
        interactive: true,
        ask: (question) => {
          asked.push(question)
          return Promise.resolve('y')
        },
      },
    )
    assert.deepEqual(config.users[0]?.user, { token: 'short-lived' })
    assert.ok(asked[0]?.includes('\\x1b[2Jget') && !asked[0].includes('\u001B'))
    assert.equal((await ran()).trim().split('\n').length, 1)
  })

  test('a program that fails is named, its output is not', async () => {
    const command = await plugin('{"status":{"token":"leaked"}}', 3)
    await assert.rejects(resolve({ exec: { command } }, {}, true), (thrown: Error) => {
      assert.match(thrown.message, /failed \(3\)/)
      assert.ok(!thrown.message.includes('leaked'))
      return true
    })
  })

  test('auth-provider is refused with a remedy', async () => {
    await assert.rejects(resolve({ 'auth-provider': { name: 'gcp' } }), { code: 'kubeconfig.refused' })
  })
})
