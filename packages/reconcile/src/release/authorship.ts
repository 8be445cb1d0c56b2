import type { FrozenTarget, Release, ReleasePhase } from '@flotilla/model'

export interface Authorship {
  /** The oldest release that a target has: who edited since then wrote something of it. Undefined: whoever ever did. */
  readonly since: Release | undefined
  /** Who wrote it, or a release that went out in between and is carried on. */
  readonly authors: readonly string[]
}

/** Nothing of these is in a later release, unless a target has them. */
const without: ReadonlySet<ReleasePhase> = new Set(['Draft', 'Frozen', 'Rejected', 'RolledBack'])

/**
 * Whose work a release is, seen from the target that is furthest behind: one that went to a few targets only is new to the others,
 * and its authors with it. `releases` are of one application; `targets` are those of the release.
 */
export function computeAuthorship(
  { metadata, spec }: Release,
  releases: readonly Release[],
  targets: readonly Pick<FrozenTarget, 'baseline' | 'environment'>[],
): Authorship {
  const known = new Set(targets.filter(({ baseline }) => baseline !== undefined).map(({ environment }) => environment))
  // a new cluster is no further behind than the others of its environment
  const had = new Set(
    targets
      .filter(({ baseline, environment }) => baseline !== undefined || !known.has(environment))
      .map(({ baseline }) => baseline?.release),
  )
  const frozen = releases
    .filter((one) => one.status?.frozen !== undefined && one.metadata.name !== metadata.name)
    .toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1))
  const found = frozen.filter((one) => had.has(one.metadata.name))
  // what a target without a release has, or one whose release is gone, is of nobody knows when
  const since = found.length === had.size ? found[0] : undefined
  const between = frozen.filter(
    (one) =>
      (since === undefined || timeOf(one) > timeOf(since)) &&
      (had.has(one.metadata.name) || !without.has(one.status?.phase ?? 'Draft')),
  )
  const authors = [spec.authors, ...between.map(({ status }) => status?.frozen?.authors ?? [])]
  return { since, authors: [...new Set(authors.flat())] }
}

const timeOf = ({ status }: Release): string => status?.frozen?.at ?? ''
