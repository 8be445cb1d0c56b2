import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { createWatch, type KubeClient } from '@flotilla/kube'
import { followApplication, removeApplication, writeApplication } from './support/applications.ts'
import { type BenchProject, image, openWorld } from './support/open-world.ts'
import { percentile } from './support/statistics.ts'
import { configMapName, objectCount, tenObjects } from './support/ten-objects.ts'
import type { Outcome } from './support/write-result.ts'
import type { RunOptions } from './run.ts'

const members = ['east', 'west']
const everyMs = 1_000
const leastWrites = 60
const p99ToReachMs = 200
/** Karmada's published time from a policy's write to the object in a member, beside which ours is put. */
const karmadaMs = { from: 700, to: 1300 }

/** B3: from the write of what is wanted in the hub to the object in a member, as a plain watch there sees it. */
export async function runPropagation({ rounds = leastWrites, signal, say }: RunOptions): Promise<Outcome> {
  await using world = await openWorld({ members: Object.fromEntries(members.map((name) => [name, undefined])) })
  const hub = world.client('hub')
  const project = await world.createProject(1)
  const application = followApplication(hub, project)
  const objects = (value: string) => tenObjects({ value, replicas: 0, image, onlyFirst: true })
  await writeApplication(hub, project, objects('first'))
  await application.untilHealthy(120_000)
  const sights = members.map((name) => followValue(world.client(name), project))
  await Promise.all(sights.map((sight) => sight.synced()))

  const writes = Math.max(rounds, leastWrites)
  const samples: { cluster: string; ms: number; answerMs: number }[] = []
  for (let number = 0; number < writes; number++) {
    const value = `write-${number}`
    const began = performance.now()
    const seen = sights.map((sight) => sight.until(value))
    await writeApplication(hub, project, objects(value))
    const answerMs = performance.now() - began
    const times = await Promise.all(seen)
    for (const [at, cluster] of members.entries())
      samples.push({ cluster, ms: Math.round((times[at] ?? Number.NaN) - began), answerMs: Math.round(answerMs) })
    await wait(Math.max(0, everyMs - (performance.now() - began)), undefined, { signal })
  }
  await application.untilHealthy(30_000)
  sights.forEach((sight) => sight.close())
  application.close()
  await removeApplication(hub, project)

  assert.equal(samples.length, writes * members.length)
  const all = samples.map(({ ms }) => ms)
  say(
    `slowest: ${all
      .toSorted((a, b) => b - a)
      .slice(0, 5)
      .join(', ')} ms`,
  )
  const p99 = percentile(all, 99)
  return {
    title: 'from a desired write to the object in a member',
    conditions: [
      `${writes} writes at ${1000 / everyMs}/s of one ConfigMap in an application of ${objectCount} objects on ${members.length} clusters; the time starts before the write is sent to the hub and ends when a plain watch in the member shows the value.`,
      `Karmada publishes ${karmadaMs.from / 1000} to ${karmadaMs.to / 1000} s for this, on its authors' machines; it was not run here.`,
    ],
    checked:
      'every value of every write was seen in both members, in order, and the application was healthy after the last.',
    versions: world.versions,
    figures: [
      { what: 'p50', unit: 'ms', value: percentile(all, 50) },
      { what: 'p99', unit: 'ms', value: p99, toReach: `<= ${p99ToReachMs} ms`, reached: p99 <= p99ToReachMs },
      { what: 'Longest', unit: 'ms', value: Math.max(...all) },
      {
        what: 'Of these, the answer of the hub to the write (p50)',
        unit: 'ms',
        value: percentile(
          samples.map(({ answerMs }) => answerMs),
          50,
        ),
      },
    ],
    samples,
  }
}

const latestMs = 30_000

/** When the first ConfigMap took a value, by a watch with administrator rights. */
function followValue(client: KubeClient, project: BenchProject) {
  const { namespace = '' } = project.targets[0] ?? {}
  let waiting: { value: string; seen: (at: number) => void } | undefined
  const watch = createWatch({
    client,
    kind: { group: '', kind: 'ConfigMap' },
    namespace,
    onEvent: ({ key, object }) => {
      if (key !== `${namespace}/${configMapName(0)}`) return
      if ((object['data'] as { value?: string } | undefined)?.value === waiting?.value) waiting?.seen(performance.now())
    },
  })
  return {
    synced: () => watch.synced(),
    until: (value: string) =>
      new Promise<number>((resolve, reject) => {
        const timeout = setTimeout(() => reject(new Error(`${client.name} has not seen ${value}`)), latestMs)
        waiting = {
          value,
          seen: (at) => {
            clearTimeout(timeout)
            resolve(at)
          },
        }
      }),
    close: () => watch.close(),
  }
}
