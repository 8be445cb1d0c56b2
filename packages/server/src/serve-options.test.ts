import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import { asFlotillaError } from '@flotilla/model'
import { parseServeOptions, passwordFileOf, readDatabaseUrl } from './serve-options.ts'

describe('options of a server beside others', () => {
  const addresses: readonly (readonly [string, readonly string[], NodeJS.ProcessEnv, string | undefined])[] = [
    ['where it listens', ['--listen', '10.0.3.7:8080'], {}, '10.0.3.7:8080'],
    ['nowhere when it listens everywhere', ['--listen', '0.0.0.0:8080'], {}, undefined],
    ['what it is told', ['--listen', '0.0.0.0:8080', '--replica-address', 'a.example:1'], {}, 'a.example:1'],
    ['the address of its pod', ['--listen', '0.0.0.0:8080'], { FLOTILLA_REPLICA_ADDRESS: '10.1.0.3' }, '10.1.0.3:8080'],
    ['that of IPv6', ['--listen', '[::]:8080'], { FLOTILLA_REPLICA_ADDRESS: 'fd00::3' }, '[fd00::3]:8080'],
  ]
  for (const [name, args, env, expected] of addresses)
    test(`it is reached at ${name}`, () => assert.equal(parseServeOptions(args, env).replicaAddress, expected))

  test('what is no address is refused, with the option and an example', () => {
    for (const text of ['a.example', 'a.example:1/x', 'me@a.example:1', ''])
      assert.throws(
        () => parseServeOptions(['--replica-address', text], {}),
        (thrown) => asFlotillaError(thrown).field === '--replica-address',
      )
  })

  test('the database is in a file or the environment; what is refused of it is not shown', async (t) => {
    const dir = await mkdtemp(path.join(tmpdir(), 'flotilla-options-'))
    t.after(() => rm(dir, { recursive: true }))
    const file = path.join(dir, 'url')
    const url = 'postgresql://me:hunter2@db.example/flotilla'
    await writeFile(file, `${url}\n`)
    const read = async (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
      const { database } = parseServeOptions(args, env)
      return database === undefined ? undefined : await readDatabaseUrl(database)
    }
    assert.equal(await read(['--database-url-file', file]), url)
    assert.equal(await read([], { FLOTILLA_DATABASE_URL: url }), url)
    assert.equal(await read([], { FLOTILLA_DATABASE_URL: '' }), undefined)
    assert.equal(passwordFileOf(parseServeOptions([], { FLOTILLA_DATABASE_URL: url })), undefined)
    await writeFile(file, 'mysql://me:hunter2@db.example/flotilla')
    await assert.rejects(
      read(['--database-url-file', file]),
      (thrown) => !asFlotillaError(thrown).message.includes('hunter2'),
    )
    await assert.rejects(read(['--database-url-file', path.join(dir, 'none')]), /--database-url-file/)
  })
})
