import { type Delivery, endedPhases, type Release, type ReleasePhase, type Rollout } from '@flotilla/model'

export interface PhaseQuestion {
  readonly release: Release
  /** Of the application, whichever release they are of. */
  readonly rollouts: readonly Rollout[]
  readonly deliveries: readonly Delivery[]
}

export interface PhaseAnswer {
  readonly phase: ReleasePhase
  readonly message: string
  /** The newest run of it. */
  readonly rollout?: Rollout | undefined
  readonly waitingFor?: string | undefined
  /** It was rejected when it was too late for that. */
  readonly rejectedLate?: boolean
}

/** Nothing comes after these. */
export const finalPhases: readonly ReleasePhase[] = ['Superseded', 'RolledBack', 'Rejected']

/** Where a frozen release is, by its runs and by what its targets are to have. */
export function computePhase({ release, rollouts, deliveries }: PhaseQuestion): PhaseAnswer {
  const { spec, status } = release
  const before = status?.phase ?? 'Frozen'
  const own = rollouts.filter((rollout) => isOf(rollout, release)).toSorted(byAge)
  const newest = own.at(-1)
  const answer = place({ release, rollouts, deliveries }, own, before)
  if (spec.rejected === undefined || finalPhases.includes(answer.phase)) return { ...answer, rollout: newest }
  if (answer.phase === 'Frozen')
    return { phase: 'Rejected', message: `Rejected: ${spec.rejected.reason}`, rollout: newest }
  return { ...answer, rollout: newest, rejectedLate: true }
}

function place({ release, rollouts, deliveries }: PhaseQuestion, own: readonly Rollout[], before: ReleasePhase) {
  const { name } = release.metadata
  const run = own.findLast(({ spec }) => spec.rollback === undefined)
  const carrying = deliveries.filter(({ spec }) => spec.desired?.release === name).length
  const undone = own.at(-1)
  if (undone?.spec.rollback !== undefined && undone.status?.phase === 'RolledBack') {
    if (undone.spec.rollback.stages === undefined || carrying === 0)
      return at('RolledBack', `Rolled back by rollout ${undone.metadata.name}`)
  }
  if (run === undefined) {
    if (before === 'Frozen') return at('Frozen', describeFrozen(release))
    // its runs were taken away: what it came to is known from before
    const later = findLater(rollouts, name, release.status?.frozen?.at)
    if (later !== undefined && carrying === 0) return superseded(later)
    return at(before, release.status?.message ?? before)
  }
  const phase = run.status?.phase ?? 'Pending'
  if (phase === 'Pending')
    return { ...at(before, describeFrozen(release)), waitingFor: `rollout ${run.metadata.name} to begin` }
  if (!endedPhases.includes(phase)) {
    const message = `Rollout ${run.metadata.name} is ${phase.toLowerCase()}`
    return { ...at('Rolling', message), waitingFor: run.status?.waitingFor }
  }
  const later = findLater(rollouts, name, run.status?.endedAt)
  if (later !== undefined) return superseded(later)
  if (phase === 'Succeeded') return at('Active', `Rollout ${run.metadata.name} brought it to its targets`)
  const ended = `rollout ${run.metadata.name} ended ${phase}`
  if (carrying === 0) return at('Frozen', `${describeFrozen(release)}; ${ended}, and no target has it`)
  const words = carrying === 1 ? '1 target has it' : `${carrying} targets have it`
  return at('Rolling', `${ended.slice(0, 1).toUpperCase()}${ended.slice(1)}: ${words}; start another, or roll it back`)
}

const at = (phase: ReleasePhase, message: string): { phase: ReleasePhase; message: string } => ({ phase, message })

const superseded = ({ spec }: Rollout) => at('Superseded', `Release ${spec.release} came after it`)

/** A run of another release that brought that one out after a time. */
const findLater = (rollouts: readonly Rollout[], release: string, since: string | undefined): Rollout | undefined =>
  rollouts
    .filter(
      ({ spec, status }) =>
        spec.release !== release &&
        spec.rollback === undefined &&
        status?.phase === 'Succeeded' &&
        (status.endedAt ?? '') > (since ?? ''),
    )
    .toSorted(byAge)
    .at(-1)

/** Names are given again: a run from before the release was of another one. */
const isOf = ({ metadata, spec }: Rollout, release: Release): boolean =>
  spec.release === release.metadata.name &&
  (metadata.creationTimestamp ?? '') >= (release.metadata.creationTimestamp ?? '')

function byAge(a: Rollout, b: Rollout): number {
  const [left, right] = [ageOf(a), ageOf(b)]
  return left < right ? -1 : left > right ? 1 : 0
}
const ageOf = ({ metadata }: Rollout): string => `${metadata.creationTimestamp ?? ''}/${metadata.name}`

function describeFrozen({ status }: Release): string {
  const targets = status?.frozen?.targets ?? []
  const changing = targets.filter(({ added, changed, removed }) => added + changed + removed > 0).length
  const all = targets.length === 1 ? 'its target' : `${targets.length} targets`
  return changing === 0 ? `Frozen: it changes nothing in ${all}` : `Frozen: it changes ${changing} of ${all}`
}
