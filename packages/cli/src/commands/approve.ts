import type { ApiClient, ReleaseDetail, RolloutDetail } from '@flotilla/api'
import { endedPhases } from '@flotilla/model'
import { asFlotillaError, FlotillaError } from '@flotilla/model/errors'
import { NotAsWanted, UsageError } from '../exit.ts'
import { findRelease, type NamedRelease } from '../find-release.ts'
import type { Io } from '../io.ts'
import { printChanges, printFailures } from '../print/difference.ts'
import { findingText } from '../print/findings.ts'
import { fold } from '../print/fold.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { componentsText, migrationsText, targetsText } from '../print/release-text.ts'
import { printResult } from '../print/result.ts'
import { type PlacedStep, placedSteps } from '../rollout/placed-steps.ts'
import { connect } from '../settings/connect.ts'
import { askFor } from './ask-for.ts'
import type { ReleaseOptions } from './release-options.ts'

export interface ApproveOptions extends ReleaseOptions {
  readonly rollout?: string
  readonly stage?: string
  readonly step?: string
  readonly note?: string
  readonly reject?: boolean
  readonly digest?: string
  readonly yes?: boolean
}

interface Asked {
  readonly rollout: string
  /** Of a rollback: what it writes has a digest of its own. */
  readonly back: { readonly digest: string | undefined } | undefined
  readonly placed: PlacedStep
}

/** Shows what a release would change, and says yes or no to exactly that. */
export async function approve(io: Io, text: string, options: ApproveOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const params = await findRelease(io, api, text, options.project)
  const detail = await api.releases.get({ params, signal: io.signal })
  const asked = await stepOf(io, api, params, detail, options)
  const shown = asked?.back === undefined ? detail : { ...detail, digest: asked.back.digest }
  const digest = digestOf(shown, options.digest)
  const decision = options.reject === true ? 'Rejected' : 'Approved'
  showWhat(io, detail, digest, asked)
  if (options.yes !== true) {
    if (io.interactive) await showLines(io, api, detail)
    await confirm(io, detail, decision, asked)
  }
  const given = await api.approvals.give({
    params: { project: params.project },
    body: {
      release: params.release,
      digest,
      decision,
      ...(options.note === undefined ? {} : { note: options.note }),
      ...(asked === undefined
        ? {}
        : { rollout: asked.rollout, stage: asked.placed.stage.name, step: asked.placed.step.name }),
    },
    signal: io.signal,
  })
  if (options.output !== 'table') return await printResult(io, options.output, given)
  const name = `${params.project}/${params.release}`
  io.out(neutraliseLine(`${decision} ${name} for ${whatFor(asked)}, by ${given.by.name}`) + '\n')
  if (!given.current) throw new NotAsWanted(`${name} has another digest by now: this counts for nothing`)
  const next =
    asked === undefined ? `release show ${name}` : `rollout status ${params.project}/${asked.rollout} --watch`
  io.err(`See: flotilla ${next}\n`)
}

/** The digest of what is shown now; a wanted one has to be it. */
function digestOf({ project, name, digest, phase }: ReleaseDetail, wanted: string | undefined): string {
  const release = `${project}/${name}`
  if (digest === undefined)
    throw new FlotillaError('request.conflict', {
      message: `${release} is not frozen (${phase}): there is no exact change yet that could be approved`,
      remedy: `Run: flotilla release freeze ${release} --wait`,
    })
  if (wanted !== undefined && wanted !== digest)
    throw new FlotillaError('request.conflict', {
      message: `${release} has the digest ${digest}, not ${wanted}: it is not what was looked at`,
      remedy: `Look at it again: flotilla release diff ${release}`,
    })
  return digest
}

/** The approval step that is meant: the one that is named, or the one that a running rollout waits at. */
async function stepOf(
  io: Io,
  api: ApiClient,
  { project }: NamedRelease,
  release: ReleaseDetail,
  options: ApproveOptions,
): Promise<Asked | undefined> {
  const { stage, step } = options
  const named = options.rollout ?? (step === undefined && stage === undefined ? undefined : release.rollout?.name)
  const rollout = named ?? release.rollout?.name
  if (rollout === undefined) {
    if (step !== undefined || stage !== undefined)
      throw new UsageError('it has no rollout yet: leave --stage and --step out')
    return undefined
  }
  const detail = await api.rollouts.get({ params: { project, rollout }, signal: io.signal })
  if (detail.release !== release.name)
    throw new UsageError(`${rollout} is a rollout of ${detail.release}, not of ${release.name}`)
  const steps = approvalSteps(detail).filter(
    (placed) =>
      (stage === undefined || placed.stage.name === stage) &&
      (step === undefined ? isWaitedAt(detail, placed) : placed.step.name === step),
  )
  const [only, another] = steps
  if (another !== undefined)
    throw new UsageError(`several steps are meant: ${steps.map(nameOf).join(', ')}; say --stage and --step`)
  const back = detail.action === 'Rollback' ? { digest: detail.digest } : undefined
  if (only !== undefined) return { rollout, placed: only, back }
  if (step !== undefined)
    throw new UsageError(
      `${rollout} has no such approval step; there are: ${approvalSteps(detail).map(nameOf).join(', ') || 'none'}`,
    )
  if (named !== undefined) throw new UsageError(`${rollout} waits at no approval step now; say --stage and --step`)
  return undefined
}

/** One for each step of the plan: what is said of it holds in each of its targets. */
function approvalSteps(detail: RolloutDetail): PlacedStep[] {
  const steps = new Map<string, PlacedStep>()
  for (const placed of placedSteps(detail)) {
    if (placed.step.type !== 'approval') continue
    const known = steps.get(nameOf(placed))
    if (known === undefined || (!isWaitedAt(detail, known) && isWaitedAt(detail, placed)))
      steps.set(nameOf(placed), placed)
  }
  return [...steps.values()]
}

const isWaitedAt = ({ phase }: RolloutDetail, { step }: PlacedStep): boolean =>
  !endedPhases.includes(phase) && (step.phase === 'Running' || step.phase === 'Intended')

const nameOf = ({ stage, step }: PlacedStep): string => `${stage.name}/${step.name}`

const whatFor = (asked: Asked | undefined): string =>
  asked === undefined ? 'every approval step of this release' : `${nameOf(asked.placed)} of rollout ${asked.rollout}`

/** What is said yes or no to; to standard error, as the answer alone is the result. */
function showWhat(io: Io, detail: ReleaseDetail, digest: string, asked: Asked | undefined): void {
  const title = detail.title === undefined ? '' : `: ${detail.title}`
  const authors = detail.authors.map(({ name }) => name).join(', ')
  io.err(neutraliseLine(`${detail.project}/${detail.name} of ${detail.application}, by ${authors}${title}`) + '\n\n')
  const components = componentsText(io, detail.components)
  if (components !== '') io.err(`${components}\n`)
  const { shown, more } = fold(detail.targetList.toSorted((a, b) => sumOf(b) - sumOf(a)))
  io.err(targetsText(io, shown))
  if (more > 0)
    io.err(neutraliseLine(`and ${more} more: flotilla release show ${detail.project}/${detail.name}`) + '\n')
  io.err('\n')
  io.err(migrationsText(detail))
  for (const finding of detail.findingList) io.err(`${findingText(io, finding)}\n`)
  const approval = asked?.placed.step.approval
  if (approval !== undefined)
    io.err(neutraliseLine(`Approvals: ${approval.given.length} of ${approval.count}, by ${approval.who}`) + '\n')
  if (asked?.back !== undefined) io.err('This is its rollback: what is shown is taken back.\n')
  io.err(neutraliseLine(`For: ${whatFor(asked)}`) + '\n')
  io.err(neutraliseLine(`Digest: ${digest}`) + '\n')
  io.err(neutraliseLine(`Every line of it: flotilla release diff ${detail.project}/${detail.name}`) + '\n')
}

/** The first objects that differ, line by line. What cannot be shown is said: whoever is asked decides about that, too. */
async function showLines(io: Io, api: ApiClient, { project, name }: ReleaseDetail): Promise<void> {
  const toErr: Io = { ...io, out: io.err, colour: false }
  const command = `flotilla release diff ${project}/${name}`
  try {
    const answer = await api.releases.difference({ params: { project, release: name }, query: {}, signal: io.signal })
    const { shown, more } = fold(answer.items)
    io.err('\n')
    printChanges(toErr, shown)
    printFailures(toErr, answer.failures)
    if (more > 0 || answer.truncated)
      io.err(neutraliseLine(`${answer.truncated ? 'At least ' : ''}${more} more objects: ${command}`) + '\n')
  } catch (thrown) {
    if (io.signal.aborted) throw thrown
    const { message } = asFlotillaError(thrown)
    io.err(neutraliseLine(`What differs line by line cannot be shown now: ${message}. Try: ${command}`) + '\n')
  }
}

const sumOf = ({ added, changed, removed }: ReleaseDetail['targetList'][number]): number => added + changed + removed

async function confirm(
  io: Io,
  { project, name }: ReleaseDetail,
  decision: 'Approved' | 'Rejected',
  asked: Asked | undefined,
): Promise<void> {
  const verb = decision === 'Approved' ? 'Approve' : 'Reject'
  const question = neutraliseLine(`${verb} ${project}/${name} for ${whatFor(asked)}? [y/N] `)
  const answer = (await askFor(io, question, '--yes, with --digest for what was looked at')).trim().toLowerCase()
  if (answer !== 'y' && answer !== 'yes') throw new NotAsWanted('Nothing was sent')
}
