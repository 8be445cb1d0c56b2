import type { ObjectChange } from '@flotilla/api'
import {
  type Application,
  type Finding,
  FlotillaError,
  type FrozenDocument,
  type Release,
  targetKey,
  type WantedSet,
} from '@flotilla/model'
import { type ChangeCounts, SetComparison, type SetPair } from './compare-sets.ts'
import type { ReleaseDeps } from './deps.ts'
import { renderRelease } from './render-release.ts'

/** Only what is in this cluster, or in this one target. */
export interface TargetFilter {
  readonly cluster: string
  readonly namespace?: string | undefined
}

export interface TargetDifference extends ChangeCounts {
  readonly cluster: string
  readonly namespace: string
  readonly environment?: string | undefined
  /** Of the target as a whole: it comes, or it is emptied. */
  readonly change: 'added' | 'changed' | 'removed' | 'unchanged'
}

export interface ReleaseDifference {
  /** Object by object, Secrets masked; at most 500 of them. */
  readonly items: readonly ObjectChange[]
  /** There are more than are told: ask by target. */
  readonly truncated: boolean
  /** Counts for all targets, whatever is told of them. */
  readonly targets: readonly TargetDifference[]
  readonly findings: readonly Finding[]
}

export interface ReleaseDifferenceQuestion {
  readonly release: Release
  /** As it is declared now: what a draft is rendered from. */
  readonly application: Application
  readonly target?: TargetFilter | undefined
  readonly signal: AbortSignal
}

const mostItems = 500

/**
 * What a release changes in each target: a frozen one against what ran there when it was frozen, a draft against what is
 * wanted there now. Writes nothing but blobs. Errors: `request.not_found` for a document that is gone, those of rendering.
 */
export async function differenceOfRelease(
  deps: ReleaseDeps,
  { release, application, target, signal }: ReleaseDifferenceQuestion,
): Promise<ReleaseDifference> {
  const frozen = release.status?.frozen
  if (frozen !== undefined) {
    const counts = new Map(frozen.targets.map((one) => [targetKey(one), one]))
    const document = await loadDocument(deps, release)
    return compare(deps, { pairs: againstBaseline(document), target, counts, signal })
  }
  const { targets, findings } = await renderRelease(deps, { release, application, signal })
  return compare(deps, { pairs: againstBaseline({ targets }), target, findings, signal })
}

export interface ReleasesQuestion {
  readonly before: Release
  readonly after: Release
  readonly target?: TargetFilter | undefined
  readonly signal: AbortSignal
}

/** What differs between two frozen releases of one application, target by target. Errors: `request.not_found`, `request.conflict`. */
export async function differenceOfReleases(
  deps: ReleaseDeps,
  { before, after, target, signal }: ReleasesQuestion,
): Promise<ReleaseDifference> {
  if (before.spec.application !== after.spec.application)
    throw new FlotillaError('request.conflict', {
      message: `Release ${before.metadata.name} is of ${before.spec.application}, ${after.metadata.name} of ${after.spec.application}`,
      remedy: 'Compare two releases of one application',
    })
  const [left, right] = [await loadDocument(deps, before), await loadDocument(deps, after)]
  const old = new Map(left.targets.map((one) => [targetKey(one), one]))
  const fresh = new Set(right.targets.map(targetKey))
  const pairs = [
    ...right.targets.map((one) => toPair(one, old.get(targetKey(one)), one)),
    ...left.targets.filter((one) => !fresh.has(targetKey(one))).map((one) => toPair(one, one, undefined)),
  ]
  return compare(deps, { pairs, target, signal })
}

async function loadDocument({ documents }: ReleaseDeps, { metadata, status }: Release): Promise<FrozenDocument> {
  const { name } = metadata
  const digest = status?.frozen?.document
  if (digest === undefined)
    throw new FlotillaError('request.conflict', {
      message: `Release ${name} is not frozen`,
      remedy: 'Freeze it first; the difference of a draft is that of the release itself',
    })
  const document = await documents.releases.get(digest)
  if (document !== undefined) return document
  throw new FlotillaError('request.not_found', {
    message: `What release ${name} was made of is no longer stored`,
    remedy: 'Restore the store from its backup, or make another release',
  })
}

type Pair = SetPair & { readonly environment?: string | undefined }

const againstBaseline = ({ targets }: Pick<FrozenDocument, 'targets'>): Pair[] =>
  targets.map((target) => toPair(target, target.baseline, target))

const toPair = (
  { cluster, namespace, environment }: FrozenDocument['targets'][number],
  before: WantedSet | undefined,
  after: WantedSet | undefined,
): Pair => ({ cluster, namespace, environment, before, after })

interface Comparing {
  readonly pairs: readonly Pair[]
  readonly target: TargetFilter | undefined
  /** What was counted before, by target key. */
  readonly counts?: ReadonlyMap<string, ChangeCounts> | undefined
  readonly findings?: readonly Finding[] | undefined
  readonly signal: AbortSignal
}

async function compare({ shared }: ReleaseDeps, question: Comparing): Promise<ReleaseDifference> {
  const { pairs, target, counts, findings = [], signal } = question
  const comparison = new SetComparison(shared.sets)
  const items: ObjectChange[] = []
  const targets: TargetDifference[] = []
  let truncated = false
  for (const pair of pairs) {
    signal.throwIfAborted()
    const { cluster, namespace, environment } = pair
    const { added, changed, removed } = counts?.get(targetKey(pair)) ?? (await comparison.count(pair))
    const sum = { added, changed, removed }
    targets.push({ cluster, namespace, environment, ...sum, change: changeOf(pair, sum) })
    if (target !== undefined && !isChosen(target, pair)) continue
    if (items.length >= mostItems) truncated ||= added + changed + removed > 0
    else items.push(...(await comparison.describe(pair)))
  }
  const lost = [...comparison.lost].map((component): Finding => ({
    severity: 'Warning',
    code: 'release.baseline_lost',
    message: `A rendered set of ${component} is no longer stored, so that all of it counts as other`,
    component,
  }))
  return {
    items: items.slice(0, mostItems),
    truncated: truncated || items.length > mostItems,
    targets,
    findings: [...findings, ...lost].slice(0, 100),
  }
}

const isChosen = (filter: TargetFilter, { cluster, namespace }: Pair): boolean =>
  filter.cluster === cluster && (filter.namespace === undefined || filter.namespace === namespace)

function changeOf({ before, after }: Pair, { added, changed, removed }: ChangeCounts): TargetDifference['change'] {
  const had = (before?.components.length ?? 0) > 0
  const has = (after?.components.length ?? 0) > 0
  if (had !== has) return has ? 'added' : 'removed'
  // what a release brings beside objects (a field left to another, a release name) is a change, too
  return added + changed + removed > 0 || before?.digest !== after?.digest ? 'changed' : 'unchanged'
}
