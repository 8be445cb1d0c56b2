import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { readFleetRecord, type FleetRecord } from './fleet-record.ts'
import { cleanLeftovers, removeFleet } from './fleet-stop.ts'
import { projectRoot } from './paths.ts'
import { runCommand } from './run-command.ts'
import { eventually, kubectl } from './testing/kubectl.ts'
import { openTestFleet } from './testing/open-test-fleet.ts'

const program = `
import { startFleet } from ${JSON.stringify(path.join(import.meta.dirname, 'index.ts'))}
await startFleet({ dir: process.argv[1], name: 'killed run', clusters: [{ name: 'hub' }], owned: true })
console.log('up')
setInterval(() => undefined, 1000)
`

test('what a killed run left is cleaned, and nothing of another fleet', { timeout: 180_000 }, async () => {
  const shared = await openTestFleet()
  const dir = await mkdtemp(path.join(tmpdir(), 'flotilla-killed-'))
  const run = spawn(process.execPath, ['--input-type=module', '-e', program, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await new Promise<void>((resolve, reject) => {
      run.stdout.once('data', () => resolve())
      run.once('exit', () => reject(new Error('the fleet did not start')))
    })
    const fleet = await readFleetRecord(dir)
    assert.ok(fleet !== undefined)
    assert.notDeepEqual(await findTraces(fleet), [])
    assert.ok(!(await cleanLeftovers()).includes('killed run'), 'a living run is left alone')
    assert.notDeepEqual(await findTraces(fleet), [])

    run.kill('SIGKILL')
    await eventually('the run is dead', async () => run.exitCode !== null || run.signalCode !== null, 5)
    assert.ok((await cleanLeftovers()).includes('killed run'))
    assert.deepEqual(await findTraces(fleet), [])
    await assert.rejects(access(dir))
    assert.match(await kubectl(shared, 'hub', ['get', 'nodes']), / Ready /)
  } finally {
    run.kill('SIGKILL')
    await cleanLeftovers()
    await rm(dir, { recursive: true, force: true })
  }
})

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

/** Everything on this machine that still bears the fleet's name. */
async function findTraces(fleet: FleetRecord): Promise<string[]> {
  const [links, tables, mounts, processes, groups] = await Promise.all([
    runCommand(['ip', '-o', 'link', 'show']),
    runCommand(['nft', 'list', 'tables']),
    readFile('/proc/self/mounts', 'utf8'),
    runCommand(['pgrep', '-af', `${fleet.dir}/clusters`]),
    runCommand(['find', '/sys/fs/cgroup', '-type', 'd', '-path', `*flotilla/${fleet.id}*`]),
  ])
  const named = (text: string, word: string) => text.split('\n').filter((line) => line.includes(word))
  return [
    ...named(links.stdout, fleet.bridge),
    ...named(tables.stdout, fleet.bridge.replace('-', '_')),
    ...named(mounts, fleet.dir),
    ...named(processes.stdout, fleet.dir),
    ...groups.stdout.split('\n').filter(Boolean),
  ]
}
