import type { Accepted, ObjectsPolicy } from '@flotilla/api'
import { shortVersion } from '@flotilla/model/short-version'
import { UsageError } from '../exit.ts'
import { type ChartOptions, chartSource } from '../folder/chart-option.ts'
import { findApplication } from '../find-application.ts'
import type { Io } from '../io.ts'
import { age } from '../print/age.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'
import { askObjects } from './ask-objects.ts'
import { status } from './status.ts'

export interface ChangeOptions {
  readonly context?: string
  readonly output: OutputForm
  readonly project?: string
  readonly wait?: string
}

type Change = 'sync' | 'pause' | 'resume'
const words: Record<Change, string> = {
  sync: 'is delivered again now',
  pause: 'is paused: nothing is written to any cluster',
  resume: 'goes on',
}

/** What came of it; a paused application keeps what was asked for until it goes on. */
function wordsOf(what: Change, { changed, paused }: Accepted): string {
  if (what === 'sync' && paused === true) return 'is paused: it is delivered again when you say flotilla resume'
  return changed ? words[what] : 'was so already'
}

export async function change(io: Io, what: Change, text: string, options: ChangeOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const params = await findApplication(io, api, text, options.project)
  const answer = await api.applications[what]({ params, signal: io.signal })
  if (options.output !== 'table') await printResult(io, options.output, answer)
  else io.out(`${params.project}/${params.application} ${wordsOf(what, answer)}\n`)
  if (options.wait !== undefined) await status(io, `${params.project}/${params.application}`, options, answer)
}

export async function revert(io: Io, text: string, to: string, options: ChangeOptions): Promise<void> {
  const revision = Number(to)
  if (!Number.isSafeInteger(revision) || revision < 1)
    throw new UsageError(`${to} is no revision; flotilla history names them`)
  const { api } = await connect(io, options.context)
  const params = await findApplication(io, api, text, options.project)
  const answer = await api.applications.revert({ params, body: { revision }, signal: io.signal })
  if (options.output !== 'table') await printResult(io, options.output, answer)
  else io.out(`${params.project}/${params.application} wants again what revision ${revision} wanted\n`)
  if (options.wait !== undefined) await status(io, `${params.project}/${params.application}`, options, answer)
}

export async function history(
  io: Io,
  text: string,
  options: ChangeOptions & { readonly limit: string },
): Promise<void> {
  const { api } = await connect(io, options.context)
  const params = await findApplication(io, api, text, options.project)
  const answer = await api.applications.history({ params, query: { limit: options.limit }, signal: io.signal })
  if (options.output !== 'table') return await printResult(io, options.output, answer)
  io.out(
    table(
      io,
      ['', 'REVISION', 'AGE', 'BY', 'VERSIONS', 'TARGETS', 'WHY'],
      answer.items.map((row) => [
        row.current ? '*' : ' ',
        row.revision,
        age(row.at, io.now()),
        row.by,
        row.sources
          .map(({ component, version, digest }) => `${component} ${shortVersion(version ?? digest)}`)
          .join(', '),
        row.targets,
        row.reason,
      ]),
    ),
  )
}

export interface AdoptOptions extends ChangeOptions, ChartOptions {
  readonly cluster: string
  readonly namespace?: string
  readonly component?: string
  readonly helmRelease?: string
  readonly object?: readonly string[]
  readonly dryRun?: boolean
}

export async function adopt(io: Io, text: string, options: AdoptOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const [first = '', second] = text.split('/')
  const project = second === undefined ? (options.project ?? io.env['FLOTILLA_PROJECT']) : first
  const application = second ?? first
  if (project === undefined) throw new UsageError('name the project: -n PROJECT, or PROJECT/APP')
  const { cluster, namespace, component, helmRelease, object } = options
  const chart = await chartSource(io, api, project, options)
  const answer = await api.applications.adopt({
    params: { project },
    body: {
      application,
      cluster,
      dryRun: options.dryRun === true,
      ...(namespace === undefined ? {} : { namespace }),
      ...(component === undefined ? {} : { component }),
      ...(helmRelease === undefined ? {} : { helmRelease }),
      ...(chart === undefined ? {} : { chart }),
      ...(object === undefined ? {} : { objects: object.map(parseObject) }),
    },
    signal: io.signal,
  })
  if (options.output !== 'table') return await printResult(io, options.output, answer)
  for (const note of answer.notes) io.err(`${neutraliseLine(note)}\n`)
  for (const { kind, name } of answer.objects) io.out(neutraliseLine(`${kind} ${name}`) + '\n')
  io.out(
    answer.written
      ? `${answer.objects.length} objects are now delivered by ${project}/${application}\n`
      : `${answer.objects.length} objects would be taken over (dry run)\n`,
  )
}

/** `Deployment/web` or `Deployment.apps/web`. */
function parseObject(text: string): { group: string; kind: string; name: string } {
  const [, kind, group = '', name] = /^([A-Za-z]+)(?:\.([a-z0-9.-]+))?\/(.+)$/.exec(text) ?? []
  if (kind === undefined || name === undefined) throw new UsageError(`${text} is no object; write Deployment.apps/web`)
  return { group, kind, name }
}

export interface DeleteOptions extends ChangeOptions {
  readonly workspace?: string
  readonly objects?: ObjectsPolicy
}

export async function remove(io: Io, kind: string, name: string, options: DeleteOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const isApplication = /^(applications?|fapp)$/i.test(kind)
  const isCluster = /^(clusters?|fcl)$/i.test(kind)
  if (isApplication) {
    const params = await findApplication(io, api, name, options.project)
    const detail = await api.applications.get({ params, signal: io.signal })
    const where = detail.matrix.targets.map((target) => target.cluster).join(', ')
    const objects = await askObjects(
      io,
      options.objects,
      `application ${params.project}/${params.application}`,
      where === '' ? 'It is delivered to no cluster.' : `It is delivered to ${neutraliseLine(where)}.`,
    )
    const answer = await api.applications.remove({ params, query: { objects }, signal: io.signal })
    if (options.output !== 'table') return await printResult(io, options.output, { ...answer, objects })
    io.out(`application/${name} is being deleted; its objects are ${objects === 'keep' ? 'kept' : 'deleted'}\n`)
    return
  }
  const objects = isCluster ? await askObjects(io, options.objects, `cluster ${name}`, '') : undefined
  const project = options.project ?? io.env['FLOTILLA_PROJECT']
  const answer = await api.kinds.remove({
    params: { kind, name },
    query: {
      ...(objects === undefined ? {} : { objects }),
      ...(options.workspace === undefined
        ? project === undefined
          ? {}
          : { project }
        : { workspace: options.workspace }),
    },
    signal: io.signal,
  })
  if (options.output !== 'table') return await printResult(io, options.output, answer)
  io.out(`${kind.toLowerCase()}/${name} ${answer.outcome === 'deleted' ? 'deleted' : 'is being deleted'}\n`)
}
