import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { readFleetRecord } from './fleet-record.ts'
import { cleanLeftovers, removeFleet } from './fleet-stop.ts'
import { projectRoot } from './paths.ts'
import { findTraces } from './testing/find-traces.ts'
import { kubectl } from './testing/kubectl.ts'
import { openTestFleet } from './testing/open-test-fleet.ts'

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

const run = `
import { startFleet } from ${JSON.stringify(path.join(import.meta.dirname, 'index.ts'))}
await startFleet({ dir: process.argv[1], name: 'killed run', clusters: [{ name: 'north' }], owned: true })
console.log('up')
setInterval(() => undefined, 1000)
`

test('what a killed run left is cleaned, and nothing of another fleet', { timeout: 180_000 }, async () => {
  const shared = await openTestFleet()
  const dir = await mkdtemp(path.join(tmpdir(), 'flotilla-killed-'))
  const owner = spawn(process.execPath, ['--input-type=module', '-e', run, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(owner, 'exit')
  try {
    for await (const said of owner.stdout) if (String(said).includes('up\n')) break
    const fleet = await readFleetRecord(dir)
    assert.ok(fleet !== undefined)
    assert.ok(!(await cleanLeftovers()).includes('killed run'), 'a living run is left alone')
    assert.notDeepEqual(await findTraces(fleet), [])

    owner.kill('SIGKILL')
    await ended
    assert.ok((await cleanLeftovers()).includes('killed run'))
    assert.deepEqual(await findTraces(fleet), [])
    await assert.rejects(access(dir))
    assert.match(await kubectl(shared, 'hub', ['get', 'nodes']), / Ready /)
  } finally {
    owner.kill('SIGKILL')
    await ended
    await cleanLeftovers()
    await rm(dir, { recursive: true, force: true })
  }
})
