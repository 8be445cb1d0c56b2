import { escapeControls } from '@flotilla/model/escape-controls'
import type { LogItem } from '@flotilla/api'
import { findApplication } from '../find-application.ts'
import type { Io } from '../io.ts'
import { type Colour, paint } from '../print/colour.ts'
import { neutralise, neutraliseLine } from '../print/neutralise.ts'
import { type OutputForm } from '../print/result.ts'
import { connect } from '../settings/connect.ts'

export interface LogsOptions {
  readonly context?: string
  readonly output: OutputForm
  readonly project?: string
  readonly component?: readonly string[]
  readonly cluster?: readonly string[]
  readonly pod?: readonly string[]
  readonly container?: string
  readonly follow?: boolean
  readonly previous?: boolean
  readonly tail?: string
  readonly since?: string
  readonly timestamps?: boolean
}

const colours: readonly Colour[] = ['blue', 'green', 'magenta', 'yellow']

export async function logs(io: Io, text: string, options: LogsOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const params = await findApplication(io, api, text, options.project)
  const { component, cluster, pod, container, since } = options
  const sinceSeconds = since === undefined ? undefined : await secondsOf(since)
  const items = api.applications.logs({
    params,
    query: {
      follow: options.follow === true,
      previous: options.previous === true,
      ...(options.tail === undefined ? {} : { tail: options.tail }),
      ...(component === undefined ? {} : { component: [...component] }),
      ...(cluster === undefined ? {} : { cluster: [...cluster] }),
      ...(pod === undefined ? {} : { pod: [...pod] }),
      ...(container === undefined ? {} : { container }),
      ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    },
    signal: io.signal,
  })
  const seen = new Map<string, Colour>()
  let ended = false
  for await (const item of items) {
    if (item.type === 'end') ended = true
    if (options.output === 'json') io.out(`${escapeControls(JSON.stringify(item))}\n`)
    else print(io, item, options, seen)
  }
  if (!ended && !io.signal.aborted) throw new Error('the log broke off: the server did not say why')
}

function print(io: Io, item: LogItem, options: LogsOptions, seen: Map<string, Colour>): void {
  switch (item.type) {
    case 'line': {
      const from = `${item.cluster} ${item.pod}/${item.container}`
      const colour = seen.get(from) ?? colours[seen.size % colours.length] ?? 'blue'
      seen.set(from, colour)
      const at = options.timestamps === true && item.at !== undefined ? `${item.at} ` : ''
      const cut = item.cut === undefined ? '' : ` ... ${item.cut} more characters`
      io.out(`${at}${paint(io, colour, neutraliseLine(from))} ${neutralise(item.text)}${cut}\n`)
      return
    }
    case 'dropped':
      io.err(neutraliseLine(`${item.cluster} ${item.pod}: ${item.lines} lines were dropped. ${item.reason}`) + '\n')
      return
    case 'closed':
      if (item.reason !== 'That is all')
        io.err(neutraliseLine(`${item.cluster} ${item.pod}/${item.container}: ${item.reason}`) + '\n')
      return
    case 'failed':
      io.err(neutraliseLine(`${item.cluster}: ${item.reason}`) + '\n')
      return
    case 'end':
      if (item.reason !== 'That is all') io.err(neutraliseLine(item.reason) + '\n')
      return
    case 'opened':
    case 'heartbeat':
      return
    default:
      item satisfies never
  }
}

async function secondsOf(text: string): Promise<number> {
  const { parseDuration } = await import('../print/age.ts')
  const { UsageError } = await import('../exit.ts')
  const ms = parseDuration(text)
  if (ms === undefined || ms < 1000) throw new UsageError(`${text} is no time; write 90s, 5m or 2h`)
  return Math.floor(ms / 1000)
}
