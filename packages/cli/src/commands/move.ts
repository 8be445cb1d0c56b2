import { setTimeout as wait } from 'node:timers/promises'
import type { ApiClient, MoveRow } from '@flotilla/api'
import { NotAsWanted, UsageError } from '../exit.ts'
import { findApplication, type Named } from '../find-application.ts'
import type { Io } from '../io.ts'
import { age } from '../print/age.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { connect } from '../settings/connect.ts'

export interface MoveOptions {
  readonly context?: string
  readonly output: OutputForm
  readonly project?: string
  readonly watch?: boolean
}

export interface StartOptions extends MoveOptions {
  readonly from?: readonly string[]
  readonly to?: readonly string[]
  readonly fromNamespace?: string
  readonly toNamespace?: string
  readonly confirmTraffic?: boolean
}

/** Between two looks; a move takes minutes. */
const lookMs = 2_000
/** How long whoever starts one is kept for the answer whether it can begin. */
const firstLooks = 10

export async function startMove(io: Io, text: string, options: StartOptions): Promise<void> {
  const from = placeOf(options.from, options.fromNamespace)
  const to = placeOf(options.to, options.toNamespace)
  if (from === undefined) throw new UsageError('say what it leaves: --from CLUSTER, or --from-namespace NAME')
  if (to === undefined) throw new UsageError('say where it goes: --to CLUSTER, or --to-namespace NAME')
  const { api } = await connect(io, options.context)
  const params = await findApplication(io, api, text, options.project)
  const body = { from, to, confirmTraffic: options.confirmTraffic === true }
  let move = await api.moves.start({ params, body, signal: io.signal })
  if (options.watch === true) return await follow(io, api, move, options.output)
  for (let looks = 0; looks < firstLooks && move.phase === 'Pending'; looks++) {
    await wait(lookMs / 4, undefined, { signal: io.signal })
    move = await look(io, api, move)
  }
  await show(io, move, options.output)
  if (move.phase === 'Refused') throw new NotAsWanted('')
}

const placeOf = (clusters: readonly string[] | undefined, namespace: string | undefined) =>
  clusters === undefined && namespace === undefined
    ? undefined
    : {
        ...(clusters === undefined ? {} : { clusters: [...clusters] }),
        ...(namespace === undefined ? {} : { namespace }),
      }

/** The newest move of an application; ends with 3 when it did not get where it was to go. */
export async function moveStatus(io: Io, text: string, options: MoveOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const move = await newestMove(io, api, await findApplication(io, api, text, options.project))
  if (options.watch === true) return await follow(io, api, move, options.output)
  await show(io, move, options.output)
  if (isElsewhere(move)) throw new NotAsWanted('')
}

export interface AskOptions extends MoveOptions {
  readonly reason?: string
}

export async function askMove(
  io: Io,
  what: 'confirmTraffic' | 'undo' | 'abort',
  text: string,
  options: AskOptions,
): Promise<void> {
  const { api } = await connect(io, options.context)
  const { project, name } = await newestMove(io, api, await findApplication(io, api, text, options.project))
  const body = options.reason === undefined ? {} : { reason: options.reason }
  const move = await api.moves[what]({ params: { project, move: name }, body, signal: io.signal })
  if (options.watch === true) return await follow(io, api, move, options.output, wantedOf[what])
  if (options.output !== 'table') return await printResult(io, options.output, move)
  const words = {
    confirmTraffic: `takes the old place away: requests go to ${placesOf(move, 'to')}`,
    undo: `goes back to ${placesOf(move, 'from')}`,
    abort: 'lets go of the application; everything stays as it stands',
  }
  io.out(`Move ${name} ${words[what]}\n`)
}

async function newestMove(io: Io, api: ApiClient, { project, application }: Named): Promise<MoveRow> {
  const { items } = await api.moves.list({ params: { project }, query: { application, limit: 1 }, signal: io.signal })
  const [newest] = items
  if (newest === undefined) throw new UsageError(`${project}/${application} was never moved`)
  return newest
}

const look = (io: Io, api: ApiClient, { project, name }: MoveRow): Promise<MoveRow> =>
  api.moves.get({ params: { project, move: name }, signal: io.signal })

type Ended = 'Succeeded' | 'Undone' | 'Aborted'
/** How a move ends that went as it was asked to. */
const wantedOf = { confirmTraffic: 'Succeeded', undo: 'Undone', abort: 'Aborted' } as const satisfies Record<
  string,
  Ended
>

/** Tells each step as it comes, until the move has ended; ends with 3 when it ended otherwise than wanted. */
async function follow(
  io: Io,
  api: ApiClient,
  first: MoveRow,
  output: OutputForm,
  wanted: Ended = 'Succeeded',
): Promise<void> {
  let move = first
  let told = ''
  for (;;) {
    const line = lineOf(move)
    if (output === 'table' && line !== told) io.out(`${new Date(io.now()).toISOString()} ${line}\n`)
    told = line
    if (move.ended) break
    await wait(lookMs, undefined, { signal: io.signal })
    move = await look(io, api, move)
  }
  if (output !== 'table') await printResult(io, output, move)
  if (move.phase !== wanted) throw new NotAsWanted('')
}

/** It ended, and the application is not where the move was to bring it. */
const isElsewhere = ({ phase }: MoveRow): boolean => phase === 'Refused' || phase === 'Aborted' || phase === 'Undone'

function lineOf({ phase, waitingFor, message, ended }: MoveRow): string {
  const why = ended ? message : waitingFor === undefined ? undefined : `waits for ${waitingFor}`
  return neutraliseLine(why === undefined ? phase : `${phase}: ${why}`)
}

async function show(io: Io, move: MoveRow, output: OutputForm): Promise<void> {
  if (output !== 'table') return await printResult(io, output, move)
  const { project, application, name, author, pairs, waitingSince, steps } = move
  const from = pairs.length === 0 ? '' : ` from ${placesOf(move, 'from')} to ${placesOf(move, 'to')}`
  const waits = age(move.ended ? undefined : waitingSince, io.now())
  const lines = [
    `${project}/${application} moves${from} (${name}, by ${author})`,
    `${lineOf(move)}${waits === '' ? '' : ` for ${waits}`}`,
    ...steps.map(({ phase, at }) => `  ${at}  ${phase}`),
    ...gapLines(move),
  ]
  io.out(`${lines.map(neutraliseLine).join('\n')}\n`)
}

function gapLines({ gap, undoGap }: MoveRow): string[] {
  const line = (of: MoveRow['gap'], where: string): string[] =>
    of === undefined
      ? []
      : [
          of.seconds === undefined
            ? `Nothing of it acts anywhere since ${of.from}`
            : `For ${of.seconds} s nothing of it acted anywhere, ${where}`,
        ]
  return [...line(gap, 'on the way there'), ...line(undoGap, 'on the way back')]
}

const placesOf = ({ pairs }: MoveRow, side: 'from' | 'to'): string =>
  pairs.length === 0 ? 'where it was' : pairs.map((pair) => `${pair[side].cluster}/${pair[side].namespace}`).join(', ')
