import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { asFlotillaError } from '@flotilla/model'
import { exampleEntry } from '../audit/testing/example-entry.ts'
import { describeAuditStore } from './audit.suite.ts'
import { describeHistory } from './history.suite.ts'
import { describeMigrationLedger, exampleClaim } from './migration-ledger.suite.ts'
import { describeStepLogs } from './step-logs.suite.ts'
import { openSqliteStore } from './sqlite-store.ts'
import { describeStore, exampleRevision } from './store.suite.ts'

const codeOf = (code: string) => (thrown: unknown) => asFlotillaError(thrown).code === code
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString()

let root: string
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'flotilla-store-'))
})
after(() => rm(root, { recursive: true, force: true }))
const dirOf = (name: string): string => join(root, name)

describeStore('SQLite store', () => openSqliteStore({ dataDir: dirOf('suite') }))
describeAuditStore('audit in SQLite', () => openSqliteStore({ dataDir: dirOf('audit') }))
describeMigrationLedger('migrations in SQLite', () => openSqliteStore({ dataDir: dirOf('ledger') }), false)
describeStepLogs('logs of steps in SQLite', () => openSqliteStore({ dataDir: dirOf('logs') }))
describeHistory('history in SQLite', () => openSqliteStore({ dataDir: dirOf('history') }), false)

describe('SQLite store on disk', () => {
  test('writes nothing readable: neither blobs nor revisions, nor what migrations and steps said', async () => {
    const dataDir = dirOf('plain')
    const store = await openSqliteStore({ dataDir })
    await store.blobs.put('k', Buffer.from('hunter2 '.repeat(100)))
    await store.revisions.append(exampleRevision('uid', 1, { reason: 'hunter2' }))
    const claim = exampleClaim()
    const at = '2026-01-01T00:00:00Z'
    await store.migrationLedger.begin(claim)
    await store.migrationLedger.end(claim, claim.holder, { state: 'Uncertain', message: 'hunter2', at })
    await store.migrationLedger.resolve(claim, { outcome: 'Failed', by: 'ana', reason: 'hunter2', at })
    await store.stepLogs.put({ projectUid: 'p', rolloutUid: 'r', step: 's', attempt: 1, text: 'hunter2', at })
    await store.close()
    for (const file of await readdir(dataDir)) {
      assert.ok(!(await readFile(join(dataDir, file))).includes('hunter2'), `${file} holds the secret`)
    }
  })

  test('keeps its keys from others, and refuses keys that others may read', async () => {
    const dataDir = dirOf('mode')
    const store = await openSqliteStore({ dataDir })
    await store.close()
    assert.equal((await stat(dataDir)).mode & 0o777, 0o700)
    assert.equal((await stat(join(dataDir, 'flotilla.key'))).mode & 0o777, 0o600)
    await chmod(join(dataDir, 'flotilla.key'), 0o644)
    await assert.rejects(openSqliteStore({ dataDir }), codeOf('store.unavailable'))
  })

  test('refuses a database without its keys, and with the keys of another', async () => {
    const dataDir = dirOf('lost')
    await (await openSqliteStore({ dataDir })).close()
    await rm(join(dataDir, 'flotilla.key'))
    await assert.rejects(openSqliteStore({ dataDir }), codeOf('store.unavailable'))
    const other = await openSqliteStore({ dataDir: dirOf('other') })
    await other.close()
    const { copyFile } = await import('node:fs/promises')
    await copyFile(join(dirOf('other'), 'flotilla.key'), join(dataDir, 'flotilla.key'))
    await assert.rejects(openSqliteStore({ dataDir }), codeOf('store.unavailable'))
  })

  test('is refused to a second process while the first lives, and given to it after a kill', async () => {
    const dataDir = dirOf('two')
    const module = new URL('./sqlite-store.ts', import.meta.url).href
    const program = `
      import { openSqliteStore } from '${module}'
      const store = await openSqliteStore({ dataDir: process.argv[1] })
      await store.blobs.put('written', Buffer.from('before the kill'))
      console.log('open')
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(() => assert.fail('the first process ended')),
    ])
    await assert.rejects(openSqliteStore({ dataDir }), codeOf('store.unavailable'))
    child.kill('SIGKILL')
    await once(child, 'exit')
    const store = await openSqliteStore({ dataDir })
    assert.equal(text(await store.blobs.get('written')), 'before the kill')
    await store.close()
  })

  test('refuses writes on a full disk, goes on reading, and recovers when there is room', async () => {
    const dataDir = dirOf('full')
    const small = await openSqliteStore({ dataDir, maxPages: 60 })
    await small.blobs.put('early', Buffer.from('early'))
    const big = Buffer.from(Array.from({ length: 400_000 }, () => Math.floor(Math.random() * 256)))
    await assert.rejects(small.blobs.put('big', big), codeOf('store.unavailable'))
    assert.equal(text(await small.blobs.get('early')), 'early')
    await small.close()
    const roomy = await openSqliteStore({ dataDir })
    await roomy.blobs.put('big', big)
    assert.equal((await roomy.blobs.get('big'))?.length, big.length)
    await roomy.close()
  })

  test('writes nothing of the audit on a full disk, and goes on with the chain when there is room', async () => {
    const dataDir = dirOf('full-audit')
    const small = await openSqliteStore({ dataDir, maxPages: 60 })
    const entry = exampleEntry({ message: 'x'.repeat(3_000) })
    let before = 0
    const fill = async (): Promise<void> => {
      for (;;) before = (await small.audit.append([entry])).sequence
    }
    await assert.rejects(fill(), codeOf('store.unavailable'))
    assert.equal((await small.audit.head())?.sequence, before)
    await small.close()
    const roomy = await openSqliteStore({ dataDir })
    assert.equal((await roomy.audit.append([entry, entry])).sequence, before + 2)
    assert.equal((await roomy.audit.check(undefined, [])).broken, undefined)
    await roomy.close()
  })

  test('refuses calls after it was closed', async () => {
    const store = await openSqliteStore({ dataDir: dirOf('closed') })
    await store.close()
    await assert.rejects(store.blobs.get('k'), codeOf('store.unavailable'))
    await store.close()
  })

  test('does not hold up the event loop while it compresses', async () => {
    const store = await openSqliteStore({ dataDir: dirOf('loop') })
    const bytes = Buffer.from(Array.from({ length: 8_000_000 }, () => Math.floor(Math.random() * 64)))
    const writing = store.blobs.put('k', bytes)
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    await writing
    clearInterval(timer)
    await store.close()
    assert.ok(turns >= 5, `the loop turned ${turns} times`)
  })
})
