import { escapeControls } from '@flotilla/model/escape-controls'
import type { AuditFilter, AuditRecord, AuditResult, AuditSource } from '@flotilla/api'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import type { Colour } from '../print/colour.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { readTime } from '../print/read-time.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'

export interface AuditFilterOptions {
  readonly context?: string
  readonly since?: string
  readonly until?: string
  readonly person?: string
  readonly verb?: string[]
  readonly kind?: string[]
  readonly cluster?: string[]
  readonly workspace?: string[]
  readonly project?: string[]
  readonly name?: string
  readonly result?: AuditResult
  readonly source?: AuditSource
}

const largestPage = 500
const mostListed = 10_000

export async function listAudit(
  io: Io,
  options: AuditFilterOptions & { readonly limit: string; readonly output: OutputForm },
): Promise<void> {
  const limit = Number(options.limit)
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > mostListed)
    throw new UsageError(`--limit is a number from 1 to ${mostListed}; flotilla audit export writes all`)
  const { api } = await connect(io, options.context)
  const filter = filterOf(io, options)
  const items: AuditRecord[] = []
  let from: string | undefined
  let reads = 'none'
  do {
    const page = await api.audit.list({
      query: {
        ...filter,
        limit: Math.min(limit - items.length, largestPage),
        ...(from === undefined ? {} : { continue: from }),
      },
      signal: io.signal,
    })
    items.push(...page.items)
    from = page.continue
    reads = page.reads
  } while (from !== undefined && items.length < limit)
  if (options.output !== 'table')
    return await printResult(io, options.output, { items, reads, ...(from === undefined ? {} : { continue: from }) })
  if (reads === 'none') {
    io.err(
      'You read the audit of no place. Administrators read that of their project, of their workspace or of the platform\n',
    )
    return
  }
  if (items.length === 0) {
    io.out('Nothing was done that fits\n')
    return
  }
  io.out(table(io, ['TIME', 'WHO', 'WHAT', 'OF', 'WHERE', 'RESULT'], items.map(rowOf)))
  if (from !== undefined) io.err(`There is more: narrow it, or say --limit up to ${mostListed}\n`)
}

export async function exportAudit(io: Io, options: AuditFilterOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  for await (const record of api.audit.export({ query: filterOf(io, options), signal: io.signal }))
    io.out(`${escapeControls(JSON.stringify(record))}\n`)
}

/** Writes what a shell showed as asciicast v2, which `asciinema play` shows again. */
export async function writeRecording(io: Io, id: string, options: { readonly context?: string }): Promise<void> {
  const { api } = await connect(io, options.context)
  for await (const line of api.audit.recording({ params: { recording: id }, signal: io.signal }))
    io.out(`${escapeControls(JSON.stringify(line))}\n`)
}

/** Whether the chain is as it was written. */
export async function verifyAudit(
  io: Io,
  options: { readonly context?: string; readonly output: OutputForm },
): Promise<boolean> {
  const { api } = await connect(io, options.context)
  const verification = await api.audit.verify({ body: {}, signal: io.signal })
  const { state, records, oldest, head, anchors, found } = verification
  if (options.output !== 'table') await printResult(io, options.output, verification)
  else {
    const range = head === undefined ? '' : `, ${oldest ?? 1} to ${head.sequence}`
    io.out(neutraliseLine(found === undefined ? `Intact: ${records} records${range}` : `Broken: ${found.what}`) + '\n')
    io.out(
      neutraliseLine(
        anchors.unknown === undefined
          ? `Anchors in the host: ${anchors.compared} compared`
          : `Anchors in the host were not read: ${anchors.unknown}`,
      ) + '\n',
    )
  }
  return state === 'intact'
}

const colours: Partial<Record<AuditResult, Colour>> = { denied: 'yellow', failed: 'red' }

function rowOf({ at, actor, verb, target, result, code, status }: AuditRecord) {
  const { cluster, workspace, project, namespace, kind, name } = target
  const where = [cluster, project ?? workspace, namespace === project ? undefined : namespace]
  const why = result === 'allowed' || result === 'begun' ? undefined : (code ?? status)
  return [
    at.replace('T', ' ').replace(/\.\d+Z$/, 'Z'),
    actor.name,
    verb,
    [kind, name].filter((one) => one !== undefined).join(' '),
    where.filter((one) => one !== undefined).join(' '),
    { text: why === undefined ? result : `${result} (${why})`, colour: colours[result] },
  ]
}

function filterOf(io: Io, options: AuditFilterOptions): AuditFilter {
  const { since, until, person, verb, kind, cluster, workspace, project, name, result, source } = options
  return {
    ...(since === undefined ? {} : { since: readTime(io.now(), '--since', since) }),
    ...(until === undefined ? {} : { until: readTime(io.now(), '--until', until) }),
    ...(person === undefined ? {} : { person }),
    ...(verb === undefined ? {} : { verb }),
    ...(kind === undefined ? {} : { kind }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(workspace === undefined ? {} : { workspace }),
    ...(project === undefined ? {} : { project }),
    ...(name === undefined ? {} : { name }),
    ...(result === undefined ? {} : { result: [result] }),
    ...(source === undefined ? {} : { source: [source] }),
  }
}
