import type { Application, Delivery, Release, ReleasePhase } from '@flotilla/model'
import { findBaseRelease } from '../release/base-release.ts'
import { declaredDigest } from '../release/declared-digest.ts'

/** Which release an application in governed mode has, in words. */
export function describeReleases(
  application: Application,
  releases: readonly Release[],
  deliveries: readonly Delivery[],
): string {
  const newest = (phase: ReleasePhase): Release | undefined => newestOf(releases, phase)
  const [active, rolling, frozen, draft] = [newest('Active'), newest('Rolling'), newest('Frozen'), newest('Draft')]
  const parts = [describeBase(active, releases, deliveries)]
  if (rolling !== undefined) parts.push(`release ${rolling.metadata.name} is going out`)
  if (frozen !== undefined) parts.push(`release ${frozen.metadata.name} is frozen and can go out`)
  if (draft !== undefined) {
    const state = draft.spec.freeze ? 'is being frozen' : 'is a draft'
    parts.push(`release ${draft.metadata.name} ${state}`)
  }
  const last = frozen ?? rolling ?? active
  const declared = last?.status?.frozen?.declared
  if (last !== undefined && declared !== undefined && declared !== declaredDigest(application.spec))
    parts.push(`edited since release ${last.metadata.name} was frozen`)
  return parts.join('; ')
}

function describeBase(
  active: Release | undefined,
  releases: readonly Release[],
  deliveries: readonly Delivery[],
): string {
  if (active !== undefined) return `release ${active.metadata.name} is active`
  const base = findBaseRelease(releases, deliveries)
  if (base !== undefined) {
    const having = deliveries.filter(({ spec }) => spec.desired?.release === base.metadata.name).length
    const where = having === deliveries.length ? '' : ` in ${having} of ${deliveries.length} targets`
    return `it has release ${base.metadata.name}${where}`
  }
  return deliveries.length > 0 ? 'it has what it had before its first release' : 'it awaits its first release'
}

function newestOf(releases: readonly Release[], phase: ReleasePhase): Release | undefined {
  const found = releases.filter(({ status }) => (status?.phase ?? 'Draft') === phase)
  return found.toSorted((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1))[0]
}

const timeOf = ({ metadata, status }: Release): string => status?.frozen?.at ?? metadata.creationTimestamp ?? ''
