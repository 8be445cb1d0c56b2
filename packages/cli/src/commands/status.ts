import type { Accepted, ApplicationDetail } from '@flotilla/api'
import { annotations, ApplicationStatus, findCondition, isRecord } from '@flotilla/model'
import { NotAsWanted, UsageError } from '../exit.ts'
import { findApplication, type Named } from '../find-application.ts'
import type { Io } from '../io.ts'
import { age, parseDuration } from '../print/age.ts'
import { paint, stateColour } from '../print/colour.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { type Cell, table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'

export interface StatusOptions {
  readonly context?: string
  readonly output: OutputForm
  readonly project?: string
  readonly watch?: boolean
  readonly wait?: string
}

/** What a change was accepted as: a status from before it says nothing of it. */
type Since = Pick<Accepted, 'generation' | 'syncRequest'>

/** Ends with 0 when the application is healthy in all its targets and what runs is what is wanted, else with 3. */
export async function status(io: Io, text: string, options: StatusOptions, since: Since = {}): Promise<void> {
  const { api } = await connect(io, options.context)
  const params = await findApplication(io, api, text, options.project)
  const read = () => api.applications.get({ params, signal: io.signal })
  if (options.watch !== true && options.wait === undefined) {
    const detail = await read()
    if (options.output === 'table') io.out(statusText(io, detail))
    else await printResult(io, options.output, detail)
    if (!isHealthy(detail, since)) throw new NotAsWanted('')
    return
  }
  const waitMs = options.wait === undefined ? undefined : parseDuration(options.wait)
  if (options.wait !== undefined && waitMs === undefined)
    throw new UsageError(`${options.wait} is no time; write 90s or 5m`)
  const last = await follow(io, params, api, options, { ms: waitMs, since }, read)
  if (options.wait !== undefined && (last === undefined || !isHealthy(last, since)))
    throw new NotAsWanted(
      `Not healthy within ${options.wait}${last === undefined ? '' : `: ${last.sentence.headline}`}`,
    )
}

async function follow(
  io: Io,
  params: Named,
  api: Awaited<ReturnType<typeof connect>>['api'],
  options: StatusOptions,
  until: { readonly ms: number | undefined; readonly since: Since },
  read: () => Promise<ApplicationDetail>,
): Promise<ApplicationDetail | undefined> {
  const stop = new AbortController()
  const signals = [io.signal, stop.signal, ...(until.ms === undefined ? [] : [AbortSignal.timeout(until.ms)])]
  const signal = AbortSignal.any(signals)
  const key = `${params.project}/${params.application}`
  let last: ApplicationDetail | undefined
  let shown = ''
  const show = async (detail: ApplicationDetail | null): Promise<boolean> => {
    if (detail === null) {
      io.out('The application is gone\n')
      return true
    }
    last = detail
    if (options.output !== 'table') await printResult(io, options.output, detail)
    else if (io.terminal) io.out(`\u001B[H\u001B[2J${statusText(io, detail)}`)
    else {
      const line = neutraliseLine(`${detail.sentence.headline}. ${detail.sentence.detail}`)
      if (line !== shown) io.out(`${new Date(io.now()).toISOString()} ${line}\n`)
      shown = line
    }
    return until.ms !== undefined && isHealthy(detail, until.since)
  }
  try {
    for await (const event of api.stream.watch({ query: { topics: `application:${key}` }, signal })) {
      // after hello and reset nothing is missed any more, so what is now is read once
      if ((event.event === 'hello' && !event.data.resumed) || event.event === 'reset') {
        if (await show(await read())) return last
      } else if (event.event === 'change' && event.data.topic === 'application' && event.data.key === key) {
        if (await show(event.data.row)) return last
      } else if (event.event === 'end') io.err(`${neutraliseLine(event.data.reason)}\n`)
    }
  } finally {
    stop.abort()
  }
  return last
}

/** Healthy (or suspended on purpose), and said so after the change that `since` names. */
export function isHealthy({ application, health, matrix, sentence }: ApplicationDetail, since: Since = {}): boolean {
  return (
    isReady(application, since) &&
    // suspended is as somebody wants it: waiting would change nothing
    (health.state === 'Healthy' || health.state === 'Suspended') &&
    health.unknown === 0 &&
    matrix.targets.length > 0 &&
    matrix.targets.every((target) => target.current) &&
    sentence.code !== 'blocked'
  )
}

/** The verdict on what is wanted now: one about an earlier edit, or from before a sync, says nothing of this one. */
function isReady({ metadata, ...rest }: ApplicationDetail['application'], since: Since): boolean {
  const status = ApplicationStatus.safeParse(rest['status'])
  if (!status.success || status.data.observedGeneration !== metadata.generation) return false
  if ((metadata.generation ?? 0) < (since.generation ?? 0)) return false
  const asked = metadata.annotations?.[annotations.syncRequest]
  if (status.data.syncRequest !== asked) return false
  // requests begin with their time: another person's later one answers ours as well
  if (since.syncRequest !== undefined && (asked ?? '') < since.syncRequest) return false
  return findCondition(status.data.conditions, 'Ready')?.status === 'True'
}

function statusText(io: Io, detail: ApplicationDetail): string {
  const { sentence, matrix } = detail
  const since = age(sentence.since, io.now())
  const colour = stateColour(detail.health.state)
  const { spec, status } = detail.application
  const governed = isRecord(spec) && spec['mode'] === 'governed'
  const state = governed ? 'by releases' : `revision ${detail.revision ?? '-'}`
  const lines = [
    `${paint(io, 'bold', `${detail.project}/${detail.name}`)}  ${state}`,
    `${paint(io, colour, neutraliseLine(sentence.headline))}${since === '' ? '' : ` for ${since}`}${sentence.detail === '' ? '' : `: ${neutraliseLine(sentence.detail)}`}`,
    // which release it has, and which wait
    ...(governed && isRecord(status) && typeof status['message'] === 'string'
      ? [neutraliseLine(status['message'])]
      : []),
    '',
  ]
  const heads = [
    'COMPONENT',
    ...matrix.targets.map(
      (target) => target.cluster + (target.namespace === detail.project ? '' : `/${target.namespace}`),
    ),
  ]
  const rows = matrix.components.map(({ name }): Cell[] =>
    [{ text: name }].concat(matrix.targets.map((target) => cellOf(detail, name, target))),
  )
  lines.push(table(io, heads, rows))
  for (const finding of detail.findings)
    lines.push(
      neutraliseLine(
        `${finding.severity}: ${finding.cluster === undefined ? '' : `${finding.cluster}: `}${finding.message}`,
      ),
    )
  return `${lines.join('\n').trimEnd()}\n`
}

function cellOf(
  { matrix }: ApplicationDetail,
  component: string,
  { cluster, namespace }: { cluster: string; namespace: string },
): Cell {
  const cell = matrix.cells.find(
    (one) => one.component === component && one.cluster === cluster && one.namespace === namespace,
  )
  if (cell === undefined) return { text: '' }
  const version =
    cell.nextVersion === undefined ? (cell.version ?? '?') : `${cell.version ?? 'none'} -> ${cell.nextVersion}`
  const pods = cell.wanted === undefined ? '' : ` ${cell.ready ?? 0}/${cell.wanted}`
  const notes = `${cell.drift === 'Drifted' ? ' drifted' : ''}${cell.ownOverrides > 0 ? ` (${cell.ownOverrides} own)` : ''}`
  return { text: `${version} ${cell.health}${pods}${notes}`, colour: stateColour(cell.health) }
}
