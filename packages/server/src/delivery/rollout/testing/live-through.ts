import { until } from '../../../testing/until.ts'
import type { EngineChild } from './engine-child.ts'
import { type Kill, timesOf } from './plan-kills.ts'

export interface Lived {
  /** Those that this phase did not come to as often. */
  readonly missed: readonly Kill[]
  /** What it passed. */
  readonly passed: readonly string[]
}

export interface Mortal {
  readonly engine: EngineChild
  /** Told where the process really died, and how many seconds after it was started or told to die there. */
  readonly onDeath: (kill: Kill, seconds: number) => void
  /** Asked now and then; throws when all of it takes too long. */
  readonly inTime: () => void
}

export interface LivedPhase {
  readonly begin: () => Promise<unknown>
  /** Fails when it can no longer end well. */
  readonly isOver: () => Promise<boolean>
  readonly explain: () => Promise<unknown>
}

/** So long nothing is written any more when it is over. */
const quietMs = 800
const mostSeconds = 150

/** Begins a phase and sees it to its end, while the engine dies at each of these points in turn and is started again at once. */
export async function liveThrough(
  { engine, onDeath, inTime }: Mortal,
  kills: readonly Kill[],
  phase: LivedPhase,
): Promise<Lived> {
  const from = (await engine.passed()).length
  const passed = async (): Promise<string[]> => (await engine.passed()).slice(from)
  const missed: Kill[] = []
  const left = [...kills]
  /** What is to kill next, counted from now. */
  const next = async (): Promise<{ readonly kill: Kill; readonly text: string } | undefined> => {
    const so = await passed()
    for (let kill = left.shift(); kill !== undefined; kill = left.shift()) {
      const times = kill.pass === 'next' ? 1 : kill.pass - timesOf(so, kill.point)
      if (times > 0) return { kill, text: `${kill.point}:${times}` }
      missed.push(kill)
    }
    return undefined
  }
  let armed = await next()
  if (armed !== undefined) await engine.arm(armed.text)
  await phase.begin()
  let began = Date.now()
  const died = (kill: Kill): void => onDeath(kill, (Date.now() - began) / 1000)
  for (;;) {
    inTime()
    const looking = new AbortController()
    const over = quietEnd(passed, phase, looking.signal)
    // after a death it is told to nobody
    over.catch(() => 'told')
    const point = await Promise.race([engine.died, over])
    looking.abort()
    if (point === undefined) break
    if (point !== armed?.kill.point) throw new Error(`the engine died at ${point}, which was not armed`)
    died(armed.kill)
    armed = await next()
    await engine.start(armed?.text)
    began = Date.now()
  }
  if (armed !== undefined) {
    if ((await engine.arm('')) === undefined) missed.push(armed.kill)
    else {
      // in the moment between the look at the end and this
      died(armed.kill)
      await engine.start()
    }
  }
  const all = await passed()
  // as often as it really was passed, another history may come to it
  const again = ({ pass, ...kill }: Kill): Kill[] =>
    pass === 'next' ? [] : [{ ...kill, pass: Math.max(1, Math.min(pass, timesOf(all, kill.point))) }]
  return { missed: [...missed, ...left].flatMap(again), passed: all }
}

/** Resolves when all is as it should be in the end, and nothing is written any more. */
async function quietEnd(passed: () => Promise<string[]>, phase: LivedPhase, signal: AbortSignal): Promise<undefined> {
  let count = -1
  let since = Date.now()
  const isQuiet = async (): Promise<boolean> => {
    if (signal.aborted) return true
    const now = (await passed()).length
    if (now !== count) {
      count = now
      since = Date.now()
    }
    return (await phase.isOver()) && Date.now() - since > quietMs
  }
  await until('the phase ends', isQuiet, mostSeconds, phase.explain)
  return undefined
}
