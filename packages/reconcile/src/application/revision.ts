import {
  type Application,
  type ApplicationSpec,
  type Delivery,
  type Known,
  known,
  type ResolvedSource,
  unknown,
  sameJson,
} from '@flotilla/model'
import type { ApplicationObserved, LatestRevision, NewRevision } from './observed.ts'
import type { Wanted } from './wanted.ts'

/** How an application is run, not what is wanted: a change of these makes no revision. */
const operational = new Set(['paused', 'pollSeconds', 'maxConcurrency', 'revisionHistoryLimit', 'standby', 'move'])

/** The number of what is wanted now; undefined while it is not known well enough to enter it in the history. */
export function chooseRevision(
  { spec, metadata, status }: Application,
  observed: ApplicationObserved,
  wanted: ReadonlyMap<string, Wanted>,
  own: ReadonlyMap<string, Delivery>,
): ReturnType<typeof computeRevision> | Known<undefined> {
  const sources = spec.components.flatMap(({ name }) => {
    const source = observed.sources[name]
    return source?.state === 'resolved' ? [source.source] : []
  })
  const anyWanted = [...wanted.values()].some(({ state }) => state === 'wanted')
  if (sources.length < spec.components.length || !anyWanted) return known(undefined)
  const before = observed.latest.known ? observed.latest.value?.targets : undefined
  const targets = [...wanted].flatMap(([key, want]): [string, string][] => {
    // a target that cannot be rendered now still wants what it wanted before
    const digest = want.state === 'wanted' ? want.digest : (before?.[key] ?? own.get(key)?.spec.desired?.digest)
    return digest === undefined ? [] : [[key, digest]]
  })
  const given = [...own.values()]
    .filter((delivery) => delivery.spec.application.uid === metadata.uid)
    .map((delivery) => delivery.spec.desired?.revision ?? 0)
  const used = Math.max(0, status?.revision ?? 0, ...given)
  return computeRevision({ spec, sources, targets: Object.fromEntries(targets), latest: observed.latest, used })
}

export interface RevisionQuestion {
  readonly spec: ApplicationSpec
  readonly sources: readonly ResolvedSource[]
  readonly targets: Readonly<Record<string, string>>
  readonly latest: Known<LatestRevision | undefined>
  /** The highest number that the host knows of: a history that was restored from a backup may end before it. */
  readonly used: number
}

/** The number of what is wanted now, and the entry to append when it was never wanted before in this place of the history. */
export function computeRevision(question: RevisionQuestion): Known<{ revision: number; append?: NewRevision }> {
  const { spec, sources, targets, latest, used } = question
  if (!latest.known) return unknown(latest.reason)
  const before = latest.value
  // a number is never given to two different things
  const next = { revision: Math.max(before?.revision ?? 0, used) + 1, spec, sources, targets }
  if (before === undefined && used === 0) return known(appendix(next, 'the first revision', 'spec'))
  if (before === undefined || before.revision < used)
    return known(
      appendix(next, `the history up to revision ${used} was lost, or restored from an older backup`, 'world'),
    )
  const fields = changedFields(before.spec, spec)
  // a move writes nothing else, and nobody else writes that meanwhile
  if (spec.move !== undefined && sameJson(fields, ['placement']))
    return known(appendix(next, `move ${spec.move}: where it runs`, 'world'))
  if (fields.length > 0) return known(appendix(next, `changed: ${shorten(fields)}`, 'spec'))
  const moved = sources.flatMap((source) => describeMove(before.sources, source))
  if (moved.length > 0) return known(appendix(next, shorten(moved), 'world'))
  const changed = Object.keys({ ...before.targets, ...targets })
    .filter((key) => before.targets[key] !== targets[key])
    .sort()
  if (changed.length > 0) return known(appendix(next, `what is wanted in ${shorten(changed)} changed`, 'world'))
  return known({ revision: before.revision })
}

/** The top-level fields of the spec that differ in what they want; of components and overrides, their names. */
export function changedFields(before: ApplicationSpec, after: ApplicationSpec): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].sort().flatMap((name) => {
    if (operational.has(name) || sameJson(Reflect.get(before, name), Reflect.get(after, name))) return []
    if (name === 'components') return changedNames('component', before.components, after.components)
    if (name === 'overrides') return changedNames('override', before.overrides ?? [], after.overrides ?? [])
    return [name]
  })
}

function changedNames(
  what: string,
  before: readonly { readonly name: string }[],
  after: readonly { readonly name: string }[],
): string[] {
  const find = (list: readonly { readonly name: string }[], name: string) => list.find((item) => item.name === name)
  const names = [...new Set([...before, ...after].map(({ name }) => name))]
  const changed = names.filter((name) => !sameJson(find(before, name), find(after, name)))
  return changed.length === 0 ? [`order of ${what}s`] : changed.map((name) => `${what} ${name}`)
}

function describeMove(before: readonly ResolvedSource[], now: ResolvedSource): string[] {
  const old = before.find(({ component }) => component === now.component)
  if (old?.digest === now.digest) return []
  const from = old?.version ?? 'nothing'
  const to = now.version ?? now.digest.slice(0, 19)
  return [from === to ? `${now.component} ${to} has other content` : `${now.component} ${from} -> ${to}`]
}

const appendix = (revision: LatestRevision, reason: string, cause: NewRevision['cause']) => ({
  revision: revision.revision,
  append: { ...revision, reason, cause },
})

const shorten = (names: readonly string[]): string =>
  names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`
