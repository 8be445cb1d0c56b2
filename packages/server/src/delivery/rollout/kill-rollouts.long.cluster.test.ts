import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { openTarget, type TestTarget } from '../delivery/testing/open-target.ts'
import { chartFiles } from './testing/governed-documents.ts'
import { listFailpoints } from './testing/list-failpoints.ts'
import { type HistoryLived, type Lane, openLane } from './testing/open-lane.ts'
import {
  chainKills,
  dealKills,
  type History,
  type Kill,
  noKills,
  type Passed,
  planKills,
} from './testing/plan-kills.ts'

/** Engines that work beside each other, each on an application of its own: they wait for the cluster most of the time. */
const laneNames = ['ada', 'bob', 'cyd'] as const
const historiesOfMatrix = 5
/** All of it takes some four minutes; a machine that needs more than this is told what took so long. */
const mostMs = 600_000
/** A point may be passed less often than in the history that was recorded; then it is tried again, as often as it was. */
const mostTries = 3

/** Failpoints that no history here comes to, and the test that kills there. */
const killedElsewhere: Readonly<Record<string, string>> = {
  'migration-ended-for-other': 'steps/step-runners.cluster.test.ts: a server killed anywhere runs a migration once',
}

describe('an engine of rollouts killed between any two writes', { timeout: 840_000 }, () => {
  let target: TestTarget
  let page: Server
  let lanes: readonly Lane[] = []
  const died: (Kill & { readonly seconds: number })[] = []
  let recorded: Passed
  let kills: readonly Kill[] = []

  before(async () => {
    target = await openTarget({ withoutServer: true, podSecurity: 'privileged', staging: true, also: '-second' })
    page = createServer((_request, response) => response.end('it is open'))
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
    const { port } = page.address() as AddressInfo // it listens
    const folder = `/var/log/hooks/${target.project}`
    const endsAt = Date.now() + mostMs
    const inTime = (): void => {
      if (Date.now() < endsAt) return
      const longest = died.toSorted((a, b) => b.seconds - a.seconds).slice(0, 8)
      const said = longest.map(({ phase, point, seconds }) => `${phase} ${point}: ${seconds} s`)
      throw new Error(`${died.length} kills took more than ${mostMs / 1000} s; the longest: ${said.join(', ')}`)
    }
    const fate = { onDeath: (kill: Kill, seconds: number) => died.push({ ...kill, seconds }), inTime }
    const chart = await target.pushChart('governed', '1.0.0', chartFiles(folder))
    lanes = await Promise.all(
      laneNames.map((name) => openLane(target, { name, folder, chart, page: `http://127.0.0.1:${port}/` }, fate)),
    )
    await Promise.all(lanes.map((lane) => lane.install()))
  })
  after(async () => {
    const tallies = await Promise.all(lanes.map((lane) => lane.tally()))
    const sum = (of: 'twice' | 'lost') => tallies.reduce((all, tally) => all + tally[of], 0)
    const points = new Set(died.map(({ point }) => point)).size
    console.log(
      `failpoints: ${points} points, ${died.length} kills, ${sum('twice')} migrations twice, ${sum('lost')} targets lost`,
    )
    await Promise.all(lanes.map((lane) => lane.close()))
    page?.close()
    await target?.close()
  })

  /** Has the lanes live through these, each taking the next one that is left. */
  const liveAll = async (
    histories: readonly History[],
    live: (lane: Lane, history: History) => Promise<HistoryLived>,
  ): Promise<HistoryLived[]> => {
    const left = [...histories]
    const lived: HistoryLived[] = []
    const work = async (lane: Lane): Promise<void> => {
      for (let history = left.shift(); history !== undefined; history = left.shift()) {
        lived.push(await live(lane, history))
      }
    }
    // one that fails leaves the others to their end: two tests at once would take each other's lanes
    for (const one of await Promise.allSettled(lanes.map(work))) if (one.status === 'rejected') throw one.reason
    return lived
  }

  /** What was not come to is tried again, until every kill has landed. */
  const killAll = async (
    first: readonly History[],
    live: (lane: Lane, history: History) => Promise<HistoryLived>,
  ): Promise<void> => {
    let histories = first
    for (let tries = 0; tries < mostTries && histories.length > 0; tries++) {
      const missed = (await liveAll(histories, live)).flatMap((one) => one.missed)
      histories = dealKills(missed, Math.min(missed.length, lanes.length))
    }
    assert.deepEqual(histories, [], 'every kill landed')
  }

  test('without a kill an application is frozen, goes out and goes back, also when people have to help', async () => {
    const [usual, trouble] = await Promise.all([lanes[0]?.live(noKills), lanes[1]?.live(noKills, 'trouble')])
    assert.ok(usual !== undefined && trouble !== undefined)
    recorded = { ...usual.passed, trouble: trouble.passed.trouble }
    kills = planKills(recorded)
  })

  test('killed at each point it goes on: every target gets there, every migration runs once, nothing is left', async (t) => {
    const usual = kills.filter(({ phase }) => phase !== 'trouble')
    t.diagnostic(`${kills.length} kills`)
    await killAll([chainKills(usual), ...dealKills(usual, historiesOfMatrix)], (lane, history) => lane.live(history))
  })

  test('killed while people help, it asks nobody twice: what they said is done once', async () => {
    const trouble = kills.filter(({ phase }) => phase === 'trouble')
    await killAll(dealKills(trouble, lanes.length), (lane, history) => lane.live(history, 'trouble'))
  })

  test('killed while the application is removed, it keeps what ran where and when, and every migration as it ended', async () => {
    const [first, ...others] = lanes
    assert.ok(first)
    const { passed } = await first.remove(noKills)
    const removal = planKills({ ...recorded, removal: passed.removal }).filter(({ phase }) => phase === 'removal')
    const histories = dealKills(removal, others.length)
    const lived = await Promise.all(others.map((lane, index) => lane.remove(histories[index] ?? noKills)))
    assert.deepEqual(
      lived.flatMap(({ missed }) => missed),
      [],
    )
  })

  test('there is no failpoint of the engine at which no test kills', async () => {
    const named = await listFailpoints()
    const hit = new Set(died.map(({ point }) => point))
    assert.deepEqual(
      named.filter((point) => !hit.has(point) && killedElsewhere[point] === undefined),
      [],
    )
    // what is killed at here needs no excuse, and what is gone none either
    const excused = Object.keys(killedElsewhere)
    assert.deepEqual(
      excused.filter((point) => hit.has(point) || !named.includes(point)),
      [],
    )
  })
})
