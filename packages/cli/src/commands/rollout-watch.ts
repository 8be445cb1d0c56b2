import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiClient, RolloutDetail } from '@flotilla/api'
import { FlotillaError } from '@flotilla/model/errors'
import { NotAsWanted } from '../exit.ts'
import type { NamedRollout } from '../find-rollout.ts'
import type { Io } from '../io.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { judgeRollout } from '../rollout/judge-rollout.ts'
import { changedLines } from '../rollout/rollout-lines.ts'
import { rolloutText } from '../rollout/rollout-text.ts'

export interface WatchOptions {
  readonly output: OutputForm
  readonly exitOnPause?: boolean
}

const turnMs = 3000
/** Beside a stream that works, it is read once in so many turns, should the stream have lost something. */
const turnsWithStream = 10
/** Lines per stage that a screen is given. */
const linesPerStage = 12

/** Follows a run until it ended, or stopped by itself with --exit-on-pause; throws when it ended otherwise than wanted. */
export async function watchRollout(io: Io, api: ApiClient, params: NamedRollout, options: WatchOptions): Promise<void> {
  const done = new AbortController()
  const signal = AbortSignal.any([io.signal, done.signal])
  const seen: { last?: RolloutDetail; shown: number; streaming: boolean } = { shown: 0, streaming: false }
  const show = async (detail: RolloutDetail): Promise<void> => {
    if (done.signal.aborted) return
    const before = seen.last
    seen.last = detail
    seen.shown++
    await showRollout(io, before, detail, options)
    const verdict = judgeRollout(detail)
    if (verdict === 'good' || verdict === 'bad' || (verdict === 'stopped' && options.exitOnPause === true)) done.abort()
  }
  const look = async (): Promise<void> => {
    const { shown } = seen
    const detail = await api.rollouts.get({ params, signal })
    // what came meanwhile is newer
    if (seen.shown === shown) await show(detail)
  }
  try {
    await look()
    if (!done.signal.aborted) await Promise.all([byStream(), byTurns()])
  } catch (thrown) {
    if (!done.signal.aborted) {
      if (io.signal.aborted) io.err(`\nIt goes on without you. See: flotilla rollout status ${nameOf(params)}\n`)
      throw thrown
    }
  } finally {
    done.abort()
  }
  if (io.signal.aborted) throw io.signal.reason
  if (seen.last !== undefined) endWith(seen.last, options.exitOnPause === true)

  async function byStream(): Promise<void> {
    const key = nameOf(params)
    try {
      for await (const event of api.stream.watch({ query: { topics: `rollout:${key}` }, signal })) {
        if (event.event === 'hello') seen.streaming = true
        if ((event.event === 'hello' && !event.data.resumed) || event.event === 'reset') await look()
        else if (event.event === 'change' && event.data.topic === 'rollout' && event.data.key === key) {
          if (event.data.row === null) throw new NotAsWanted(`The rollout ${key} is gone`)
          await show(event.data.row)
        }
      }
    } catch (thrown) {
      // a server or a proxy that streams nothing: it is read in turns
      if (!(thrown instanceof FlotillaError) || thrown.code.startsWith('auth.')) throw thrown
    }
    seen.streaming = false
  }

  async function byTurns(): Promise<void> {
    for (let turn = 1; !signal.aborted; turn++) {
      await sleep(turnMs, undefined, { signal })
      if (!seen.streaming || turn % turnsWithStream === 0) await lookAgain()
      // times go on
      else if (io.terminal && options.output === 'table' && seen.last !== undefined) redraw(io, seen.last)
    }
  }

  /** A server that restarts is waited for. */
  async function lookAgain(): Promise<void> {
    try {
      await look()
    } catch (thrown) {
      if (!(thrown instanceof FlotillaError) || thrown.next !== 'retry') throw thrown
      io.err(`${neutraliseLine(thrown.message)}; trying again\n`)
    }
  }
}

const nameOf = ({ project, rollout }: NamedRollout): string => `${project}/${rollout}`

async function showRollout(
  io: Io,
  before: RolloutDetail | undefined,
  detail: RolloutDetail,
  { output }: WatchOptions,
): Promise<void> {
  if (output !== 'table') {
    if (JSON.stringify(before) !== JSON.stringify(detail)) await printResult(io, output, detail)
  } else if (io.terminal) redraw(io, detail)
  else {
    const at = new Date(io.now()).toISOString()
    for (const line of changedLines(before, detail)) io.out(`${at} ${neutraliseLine(line)}\n`)
  }
}

const redraw = (io: Io, detail: RolloutDetail): void =>
  io.out(`\u001B[H\u001B[2J${rolloutText(io, detail, linesPerStage)}`)

/** 3 for a run that ended otherwise than it was meant to, or that stopped where this was asked for. */
export function endWith(detail: RolloutDetail, exitOnPause: boolean): void {
  const verdict = judgeRollout(detail)
  if (verdict === 'bad' || (verdict === 'stopped' && exitOnPause)) throw new NotAsWanted('')
}
