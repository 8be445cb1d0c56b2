import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { followTreePeak, readEndedCpuSeconds, readTreeUse } from './process-trees.ts'

/** A process that starts another, and holds 40 MB itself, for as long as its input is open. */
const parent = `
  const { spawn } = require('node:child_process')
  const held = Buffer.alloc(40e6, 1)
  spawn('cat', { stdio: ['inherit', 'ignore', 'ignore'] }).on('spawn', () => console.log(held.length))
`

test('counts what a process started with it, and keeps the worst moment after it ended', async () => {
  const child = spawn(process.execPath, ['--eval', parent], { stdio: ['pipe', 'pipe', 'inherit'] })
  const pid = child.pid ?? 0
  const peak = followTreePeak(() => [pid])
  await once(child.stdout, 'data')
  const { processes, residentMb, cpuSeconds } = await readTreeUse([pid])
  assert.equal(processes, 2)
  assert.ok(residentMb > 40, `${residentMb} MB`)
  assert.ok(cpuSeconds > 0)
  const before = await peak.end()
  assert.ok(before.residentMb >= 40 && before.processes === 2)
  const endedBefore = await readEndedCpuSeconds()
  child.stdin.end()
  await once(child, 'close')
  assert.deepEqual(await readTreeUse([pid]), { processes: 0, residentMb: 0, cpuSeconds: 0 })
  assert.ok((await readEndedCpuSeconds()) > endedBefore, 'its processor time went to who waited for it')
})
