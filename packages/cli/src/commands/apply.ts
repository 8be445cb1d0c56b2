import { asKubernetesReads } from '@flotilla/model/yaml'
import { NotAsWanted, UsageError } from '../exit.ts'
import { readDocuments } from '../folder/read-documents.ts'
import { uploadFolders } from '../folder/upload-folders.ts'
import type { Io } from '../io.ts'
import { printChanges, printFailures } from '../print/difference.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { connect } from '../settings/connect.ts'
import { findApplication } from '../find-application.ts'

export interface ApplyOptions {
  readonly context?: string
  readonly output: OutputForm
  readonly project?: string
  readonly filename?: readonly string[]
  readonly recursive?: boolean
  readonly dryRun?: boolean
  readonly force?: boolean
}

/** Refused documents make the command fail; the others were written, and that is said. */
export async function applyFiles(io: Io, options: ApplyOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const project = options.project ?? io.env['FLOTILLA_PROJECT']
  const items = []
  for (const given of await readDocuments(io, options.filename ?? [], options.recursive === true)) {
    const documents = await uploadFolders(io, api, given, project)
    const answer = await api.documents.apply({
      body: {
        documents,
        dryRun: options.dryRun === true,
        force: options.force === true,
        ...(project === undefined ? {} : { project }),
      },
      signal: io.signal,
    })
    items.push(...answer.items)
  }
  const failed = items.filter((item) => item.outcome === 'failed')
  if (options.output !== 'table') await printResult(io, options.output, { items, failed: failed.length })
  else
    for (const { ref, outcome, error } of items) {
      const name = `${ref.kind.toLowerCase()}/${ref.name}${ref.namespace === '' ? '' : ` in ${ref.namespace}`}`
      if (error === undefined)
        io.out(neutraliseLine(`${name} ${outcome}${options.dryRun === true ? ' (dry run)' : ''}`) + '\n')
      else
        io.err(
          neutraliseLine(
            `${name} refused: ${error.message}${error.remedy === undefined ? '' : ` ${error.remedy}.`} (${error.code})`,
          ) + '\n',
        )
    }
  if (failed.length > 0) throw new Error(`${failed.length} of ${items.length} documents were refused`)
  if (items.length === 0) io.err('There was no document\n')
}

export interface DiffOptions extends ApplyOptions {
  readonly cluster?: readonly string[]
  readonly component?: readonly string[]
  readonly exitCode?: boolean
}

export async function diff(io: Io, application: string | undefined, options: DiffOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const fromFile = options.filename !== undefined && options.filename.length > 0
  if (fromFile === (application !== undefined)) throw new UsageError('say either -f FILE or an application')
  const answers = fromFile ? await previews() : [{ ...(await difference(application ?? '')), findings: [] }]
  if (options.output !== 'table') await printResult(io, options.output, answers.length === 1 ? answers[0] : answers)
  else {
    for (const answer of answers) {
      printChanges(io, answer.items)
      printFailures(io, answer.failures)
      for (const { severity, message, component, cluster } of answer.findings)
        io.err(neutraliseLine(`${severity}: ${[component, cluster].filter(Boolean).join(' in ')} ${message}`) + '\n')
      io.err(`${answer.items.length} objects differ, ${answer.unchanged} do not\n`)
    }
  }
  if (options.exitCode === true && answers.some((answer) => answer.items.length > 0)) throw new NotAsWanted('')

  async function difference(text: string) {
    const params = await findApplication(io, api, text, options.project)
    const { cluster, component } = options
    return await api.applications.difference({
      params,
      query: {
        ...(cluster === undefined ? {} : { cluster: [...cluster] }),
        ...(component === undefined ? {} : { component: [...component] }),
      },
      signal: io.signal,
    })
  }

  async function previews() {
    const project = options.project ?? io.env['FLOTILLA_PROJECT']
    const found = []
    for (const given of await readDocuments(io, options.filename ?? [], options.recursive === true)) {
      const { parseAllDocuments } = await import('yaml')
      const text = await uploadFolders(io, api, given, project)
      const documents = parseAllDocuments(text, { ...asKubernetesReads, intAsBigInt: true })
      for (const document of Array.isArray(documents) ? documents : []) {
        if (document.get('kind') !== 'Application') continue
        const namespace = document.getIn(['metadata', 'namespace'])
        const of = typeof namespace === 'string' && namespace.startsWith('pj-') ? namespace.slice(3) : project
        if (of === undefined)
          throw new UsageError(`${given.name}: name the project with -n, or write metadata.namespace`)
        const [cluster] = options.cluster ?? []
        found.push(
          await api.applications.preview({
            params: { project: of },
            body: { document: String(document), ...(cluster === undefined ? {} : { cluster }) },
            signal: io.signal,
          }),
        )
      }
    }
    if (found.length === 0) throw new UsageError('there is no Application in the files')
    return found
  }
}
