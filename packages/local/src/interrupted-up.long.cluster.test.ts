import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { readFleetRecord } from './fleet-record.ts'
import { removeFleet } from './fleet-stop.ts'
import { projectRoot } from './paths.ts'
import { findTraces } from './testing/find-traces.ts'

test('up that is interrupted leaves nothing running', { timeout: 180_000 }, async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'flotilla-interrupted-'))
  const argv = ['local', '--dir', dir, 'up', '--no-server', '--clusters', 'solo']
  const up = spawn(path.join(projectRoot, 'bin/flotilla'), argv, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(up, 'exit')
  let told = ''
  up.stderr.on('data', (chunk: Buffer) => {
    const before = told
    told += chunk.toString()
    // once: a second one, as it ends, would kill it
    if (told.includes('API server ready') && !before.includes('API server ready')) up.kill('SIGINT')
  })
  try {
    assert.deepEqual(await ended, [130, null], told)
    const fleet = await readFleetRecord(dir)
    assert.ok(fleet !== undefined)
    assert.deepEqual(await findTraces(fleet), [])
    await removeFleet(fleet)
  } finally {
    up.kill('SIGKILL')
    const fleet = await readFleetRecord(dir)
    if (fleet !== undefined) await removeFleet(fleet)
    await rm(dir, { recursive: true, force: true })
  }
})
