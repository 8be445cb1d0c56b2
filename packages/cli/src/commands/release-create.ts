import type { RouteBody } from '@flotilla/api'
import { UsageError } from '../exit.ts'
import { findApplication } from '../find-application.ts'
import type { Io } from '../io.ts'
import { parseChoices } from '../parse-choices.ts'
import { parseTarget } from '../parse-target.ts'
import { findingText } from '../print/findings.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { componentsText } from '../print/release-text.ts'
import { printResult } from '../print/result.ts'
import { connect } from '../settings/connect.ts'
import { sayFrozen, waitFrozen } from './release-freeze.ts'
import { type ReleaseOptions, waitMs } from './release-options.ts'

export interface CreateReleaseOptions extends ReleaseOptions {
  readonly set?: readonly string[]
  readonly image?: readonly string[]
  readonly from?: string
  readonly fromCluster?: string
  readonly name?: string
  readonly title?: string
  readonly note?: string
  readonly ticket?: readonly string[]
  readonly freeze?: boolean
  readonly wait?: string
}

/** Drafts a release from chosen versions, or from what a target runs now; with --freeze it is rendered at once. */
export async function createRelease(io: Io, text: string, options: CreateReleaseOptions): Promise<void> {
  const ms = waitMs(options.wait)
  if (ms !== undefined && options.freeze !== true)
    throw new UsageError('--wait is for --freeze: a draft is there at once')
  const choice = choiceOf(options)
  const { api } = await connect(io, options.context)
  const { project, application } = await findApplication(io, api, text, options.project)
  const made = await api.releases.create({
    params: { project },
    body: { application, freeze: options.freeze === true, ...choice },
    signal: io.signal,
  })
  const name = `${project}/${made.name}`
  if (options.output === 'table') {
    io.out(neutraliseLine(`Release ${name} of ${application} is ${made.freezing ? 'being frozen' : 'drafted'}`) + '\n')
    const components = componentsText(io, made.components)
    if (components !== '') io.out(`\n${components}`)
    for (const finding of made.findingList) io.err(`${findingText(io, finding)}\n`)
  }
  const detail = ms === undefined ? made : await waitFrozen(io, api, { project, release: made.name }, ms)
  if (options.output !== 'table') return await printResult(io, options.output, detail)
  if (detail.phase === 'Draft') {
    io.err(neutraliseLine(`What it would change: flotilla release diff ${name}`) + '\n')
    if (!detail.freezing) io.err(neutraliseLine(`Next: flotilla release freeze ${name} --wait`) + '\n')
    else io.err(neutraliseLine(`See: flotilla release show ${name}`) + '\n')
  } else sayFrozen(io, detail)
}

type Body = RouteBody<'releases.create'>

function choiceOf(options: CreateReleaseOptions): Omit<Body, 'application' | 'freeze'> {
  const { from, fromCluster, name, title, note, ticket } = options
  const components = parseChoices(options.set ?? [], options.image ?? [])
  const copyFrom = {
    ...(from === undefined ? {} : { environment: from }),
    ...(fromCluster === undefined ? {} : parseTarget(fromCluster)),
  }
  return {
    components,
    ...(Object.keys(copyFrom).length === 0 ? {} : { copyFrom }),
    ...(name === undefined ? {} : { name }),
    ...(title === undefined ? {} : { title }),
    ...(note === undefined ? {} : { notes: note }),
    ...(ticket === undefined ? {} : { tickets: [...ticket] }),
  }
}
