import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { image, openWorld } from './support/open-world.ts'
import { followApplication, removeApplication, writeApplication } from './support/applications.ts'
import { listChildren, readProcessUse } from './support/process-use.ts'
import { tenObjects } from './support/ten-objects.ts'
import type { Outcome } from './support/write-result.ts'
import { spreadOf } from './support/statistics.ts'
import type { RunOptions } from './run.ts'

const settleMs = 180_000
const windowMs = 60_000
const megabytes = 200
const percentOfCore = 2

/** What the server uses when nothing happens: a host and two members, an application on both. A round is a minute. */
export async function runRest({ rounds = 3, signal, say }: RunOptions): Promise<Outcome> {
  await using world = await openWorld({ members: { east: undefined, west: undefined } })
  const { server } = world
  const hub = world.client('hub')
  const project = await world.createProject(1)
  const application = followApplication(hub, project)
  await writeApplication(hub, project, tenObjects({ value: 'rest', replicas: 1, image }))
  await application.untilHealthy(180_000)
  say(`settled; ${settleMs / 1000} s of rest`)
  const began = (await readProcessUse(server.pid)).residentMb
  await wait(settleMs, undefined, { signal })

  const samples: { residentMb: number; anonymousMb: number; threads: number; cpuPercent: number; children: number }[] =
    []
  for (let round = 0; round < rounds; round++) {
    const before = await readProcessUse(server.pid)
    await wait(windowMs, undefined, { signal })
    const after = await readProcessUse(server.pid)
    const cpuPercent = ((after.cpuSeconds - before.cpuSeconds) / (windowMs / 1000)) * 100
    const { residentMb, anonymousMb, threads } = after
    const children = (await listChildren(server.pid)).length
    samples.push({ residentMb, anonymousMb, threads, cpuPercent, children })
    say(`round ${round + 1}: ${residentMb} MB, ${cpuPercent.toFixed(2)} % of a core, ${children} children`)
  }
  // it did rest, and it was at work: what it holds is still so
  await application.untilHealthy(1_000)
  assert.ok(
    samples.every(({ children }) => children === 0),
    'a Helm worker stayed though nothing was rendered',
  )
  application.close()
  await removeApplication(hub, project)

  const resident = spreadOf(samples.map(({ residentMb }) => residentMb))
  const cpu = spreadOf(samples.map(({ cpuPercent }) => cpuPercent))
  return {
    title: 'the server at rest',
    conditions: [
      'Three clusters: the host, and two members with an application of ten objects on each; no console is open.',
      `${settleMs / 1000} s after the last change; a round is ${windowMs / 1000} s.`,
      'The Helm worker is a process of its own, and ends when nothing is rendered for a minute.',
    ],
    checked: 'the application was healthy in all clusters before and after; no child process was there.',
    versions: world.versions,
    figures: [
      {
        what: 'Resident memory',
        unit: 'MB',
        value: resident,
        toReach: `<= ${megabytes} MB`,
        reached: resident.highest <= megabytes,
      },
      {
        what: 'Processor time',
        unit: '% of a core',
        value: cpu,
        toReach: `<= ${percentOfCore} %`,
        reached: cpu.median <= percentOfCore,
      },
    ],
    samples: { afterDeliveryMb: began, rounds: samples },
  }
}
