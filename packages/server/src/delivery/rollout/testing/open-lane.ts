import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestTarget } from '../../delivery/testing/open-target.ts'
import { createChecks } from './check-governed.ts'
import { EngineChild } from './engine-child.ts'
import { createGoverned } from './governed-application.ts'
import { type Governed, runName, type Sort } from './governed-documents.ts'
import { type Lived, type LivedPhase, liveThrough, type Mortal } from './live-through.ts'
import { type History, type Kill, type Passed, type Phase, phases } from './plan-kills.ts'
import { steerTrouble } from './steer-trouble.ts'

export interface HistoryLived {
  readonly missed: readonly Kill[]
  readonly passed: Passed
}

/** One application with an engine of its own, which goes through one history after another: frozen, rolled out, rolled back. */
export async function openLane(target: TestTarget, governed: Governed, fate: Omit<Mortal, 'engine'>) {
  const { name } = governed
  const dataDir = await mkdtemp(join(tmpdir(), 'flotilla-engine-'))
  const engine = new EngineChild({
    ...target.options,
    dataDir,
    page: new URL(governed.page).host,
    namespace: target.namespace,
    application: name,
    record: join(dataDir, 'failpoints'),
  })
  const mortal = { ...fate, engine }
  const app = createGoverned(target, governed)
  const check = createChecks(target, app)
  const rounds: number[] = []

  const frozen = (round: number, sort: Sort): LivedPhase => ({
    begin: () => app.freeze(round, sort),
    isOver: () => app.isFrozen(round),
    explain: async () => JSON.stringify((await app.release(round)).status),
  })
  const ran = (
    round: number,
    run: string,
    phase: 'Succeeded' | 'RolledBack',
    more: Partial<LivedPhase> = {},
  ): LivedPhase => ({
    begin: () => app.start(round, run),
    isOver: async () =>
      (await app.hasEnded(run, phase)) &&
      (await app.isEverywhere()) &&
      (await app.release(round)).status?.phase === (phase === 'Succeeded' ? 'Active' : phase),
    explain: async () => JSON.stringify((await app.rollout(run)).status),
    ...more,
  })
  /** One run in which people have to help. */
  const troubled = (round: number, run: string): LivedPhase => {
    let steered: Promise<boolean> | undefined
    return ran(round, run, 'Succeeded', {
      begin: async () => {
        await app.start(round, run)
        steered = steerTrouble(app, target.member(), round, run).then(() => true)
        // it is asked for its end as long as the run lasts
        steered.catch(() => 'told by isOver')
      },
      isOver: async () => {
        const done = await Promise.race([steered, Promise.resolve(false)])
        return done === true && (await app.hasEnded(run, 'Succeeded', true)) && (await app.isEverywhere())
      },
    })
  }

  return {
    name,
    install: async () => {
      await engine.start()
      await app.install()
    },
    /** A release that is frozen, rolled out and rolled back. */
    live: async (kills: History, sort: Sort = 'usual'): Promise<HistoryLived> => {
      const round = (rounds.at(-1) ?? 0) + 1
      rounds.push(round)
      const run = `${runName(name, round)}-out`
      const back = `${runName(name, round)}-back`
      const freeze = await liveThrough(mortal, kills.freeze, frozen(round, sort))
      const of = sort === 'usual' ? 'rollout' : 'trouble'
      const phase = sort === 'usual' ? ran(round, run, 'Succeeded') : troubled(round, run)
      const out = await liveThrough(mortal, kills[of], phase)
      await check.rollout(round, run, sort)
      const begin = () => app.start(round, back, { rollback: { of: run } })
      const rollback = await liveThrough(mortal, kills.rollback, ran(round, back, 'RolledBack', { begin }))
      await check.rollback(round, run, back, sort)
      return toHistory({ freeze, [of]: out, rollback })
    },
    /** The application is deleted; then its engine's own records are held against all that it lived through. */
    remove: async (kills: History): Promise<HistoryLived> => {
      const [delivery] = await app.deliveries()
      const removal = await liveThrough(mortal, kills.removal, {
        begin: () => target.deleteApplication(name),
        isOver: async () => (await app.isGone()) && (await app.deliveries()).length === 0,
        explain: async () => JSON.stringify(await app.deliveries()),
      })
      await engine.stop()
      await check.store(dataDir, rounds, delivery?.spec.project.uid ?? '')
      return toHistory({ removal })
    },
    tally: check.tally,
    /** Takes all of it away; what ended is let go of by the engine. */
    close: async () => {
      await engine.stop()
      await engine.start()
      for (const round of rounds) {
        for (const run of ['back', 'out']) await app.remove('Rollout', `${runName(name, round)}-${run}`)
        await app.remove('Release', runName(name, round))
      }
      await app.remove('Application', name)
      await engine.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function toHistory(lived: Partial<Record<Phase, Lived>>): HistoryLived {
  const all = phases.flatMap((phase) => lived[phase] ?? [])
  const passed = (phase: Phase) => lived[phase]?.passed ?? []
  return {
    missed: all.flatMap(({ missed }) => missed),
    passed: {
      freeze: passed('freeze'),
      rollout: passed('rollout'),
      rollback: passed('rollback'),
      trouble: passed('trouble'),
      removal: passed('removal'),
    },
  }
}

export type Lane = Awaited<ReturnType<typeof openLane>>
