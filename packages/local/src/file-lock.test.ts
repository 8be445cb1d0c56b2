import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { withFileLock } from './file-lock.ts'

let dir: string
before(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'flotilla-lock-'))
})
after(async () => rm(dir, { recursive: true, force: true }))

describe('a lock on a file', () => {
  test('is held by one at a time, and let go when the work fails', async () => {
    let inside = 0
    let most = 0
    const work = async (fails: boolean) => {
      most = Math.max(most, ++inside)
      await sleep(30)
      inside--
      if (fails) throw new Error('failed')
    }
    const file = path.join(dir, 'one')
    const all = await Promise.allSettled(
      [true, false, true, false].map((fails) => withFileLock(file, () => work(fails))),
    )
    assert.equal(most, 1)
    assert.deepEqual(
      all.map(({ status }) => status),
      ['rejected', 'fulfilled', 'rejected', 'fulfilled'],
    )
  })

  test('is free again when its holder is killed', async () => {
    const file = path.join(dir, 'two')
    const program = `
      const { withFileLock } = await import(${JSON.stringify(path.join(import.meta.dirname, 'file-lock.ts'))})
      await withFileLock(${JSON.stringify(file)}, async () => { console.log('held'); await new Promise(() => setInterval(() => {}, 1000)) })`
    const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await once(holder.stdout, 'data')
      const waiting = Promise.withResolvers<string>()
      const mine = withFileLock(file, async () => 'mine', { onWait: () => waiting.resolve('it waits') })
      assert.equal(await Promise.race([waiting.promise, mine]), 'it waits')
      holder.kill('SIGKILL')
      assert.equal(await mine, 'mine')
    } finally {
      holder.kill('SIGKILL')
    }
  })

  test('is not waited for any longer once that is aborted', async () => {
    const file = path.join(dir, 'three')
    await withFileLock(file, async () => {
      await assert.rejects(withFileLock(file, async () => undefined, { signal: AbortSignal.timeout(100) }))
    })
  })
})
