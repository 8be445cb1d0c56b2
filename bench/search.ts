import assert from 'node:assert/strict'
import { listAllPods, openIndexWorld, untilRead } from './support/open-index-world.ts'
import { percentile, spreadOf } from './support/statistics.ts'
import type { Outcome } from './support/write-result.ts'
import type { RunOptions } from './run.ts'

const pods = 2500
const identities = 20
const asksPerRound = 200
const p99ToReachMs = 50
const ratioToReach = 1 / 50
const turnToReachMs = 50

/** What people ask for; every one goes over all rows. */
const questions = [
  { query: { sort: 'name' }, matches: () => true },
  { query: { sort: '-created', q: 'app-7' }, matches: (name: string) => name.includes('app-7') },
  { query: { sort: 'node', labels: 'app in (app-1,app-2)' }, matches: (name: string) => /^app-[12]-/.test(name) },
  { query: { sort: '-count', namespace: 'team-3', state: 'Running' }, matches: () => true },
] as const

/** B4: filter, sort and the first 100 of 50,000 pods, beside kubectl over all clusters at once. */
export async function runSearch({ rounds = 5, signal, say }: RunOptions): Promise<Outcome> {
  await using world = await openIndexWorld(pods, say)
  const server = await world.startServer(identities)
  try {
    const total = pods * identities
    const readMs = await untilRead(server.api, total, signal)
    say(`${total} rows read in ${Math.round(readMs / 100) / 10} s`)
    const ours: number[][] = []
    const theirs: number[] = []
    const turns: number[] = []
    for (let round = 0; round < rounds; round++) {
      await server.use()
      const times: number[] = []
      for (let at = 0; at < asksPerRound; at++) {
        const { query, matches } = questions[at % questions.length] ?? questions[0]
        const began = performance.now()
        const page = await server.api.resources.list({
          params: { kind: 'pods' },
          query: { limit: 100, ...query },
          signal,
        })
        times.push(performance.now() - began)
        assert.equal(page.items.length, 100)
        assert.ok(page.items.every(({ name }) => matches(name)))
      }
      ours.push(times)
      turns.push((await server.use()).longestTurnMs)
      const began = performance.now()
      const lists = await Promise.all(
        Array.from({ length: identities }, () => listAllPods(world.kubectlPath, world.kubeconfigPath)),
      )
      const lines = lists.flatMap(({ output }) => output.trimEnd().split('\n'))
      assert.equal(lines.length, total)
      const found = lines.filter((line) => line.includes('app-7')).sort()
      assert.ok(found.length > 0)
      theirs.push(performance.now() - began)
      say(
        `round ${round + 1}: p99 ${percentile(times, 99).toFixed(1)} ms; kubectl ${Math.round(theirs.at(-1) ?? 0)} ms`,
      )
    }
    const p99 = spreadOf(ours.map((times) => percentile(times, 99)))
    const ratio = spreadOf(ours.map((times, at) => percentile(times, 99) / (theirs[at] ?? 1)))
    const turn = spreadOf(turns)
    return {
      title: `filter, sort and the first 100 of ${total} pods`,
      conditions: [
        `Simulated: ${identities} clusters are one API server under as many names, ${pods} pods on 20 nodes of kwok; each name has watches and rows of its own.`,
        'Over HTTP from another process, one question after another, four kinds in turn; kubectl: a list of each name at once, filtered and sorted.',
        'The server is its HTTP side and the index alone; asker, server and API server share the two processors.',
      ],
      checked: 'every page had 100 rows that pass its filter, and kubectl listed every pod.',
      versions: { Kubernetes: world.version },
      figures: [
        { what: 'p99', unit: 'ms', value: p99, toReach: `<= ${p99ToReachMs} ms`, reached: p99.median <= p99ToReachMs },
        { what: 'median', unit: 'ms', value: spreadOf(ours.map((times) => percentile(times, 50))) },
        { what: 'kubectl', unit: 'ms', value: spreadOf(theirs) },
        { what: 'p99 / kubectl', unit: 'x', value: ratio, toReach: '<= 1/50', reached: ratio.median <= ratioToReach },
        {
          what: 'Longest time in which the server did nothing else',
          unit: 'ms',
          value: turn,
          toReach: `<= ${turnToReachMs} ms`,
          reached: turn.median <= turnToReachMs,
        },
        { what: 'First reading of all rows', unit: 's', value: readMs / 1000 },
      ],
      samples: { ours, theirs, turns },
    }
  } finally {
    server.stop()
  }
}
