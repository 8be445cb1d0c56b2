import { type Delivery, endedPhases, type Release, type ReleasePhase, type Rollout, targetKey } from '@flotilla/model'
import { nameSome } from '../name-some.ts'

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

/** Releases in these are over. A rejected one is for good; another goes on only when it is started anew. */
export const finalPhases: readonly ReleasePhase[] = ['Superseded', 'RolledBack', 'Rejected']

/** Where a frozen release is, by its runs and by what its targets are to have. */
export function computePhase(question: PhaseQuestion): PhaseAnswer {
  const { release, rollouts } = question
  const { spec } = release
  const own = runsOf(release, rollouts)
  const newest = own.at(-1)
  const waits = own.findLast((rollout) => isForward(rollout) && !hasBegun(rollout) && !isEnded(rollout))
  const place = findPlace(question, own.filter(hasBegun))
  const waitingFor = waits === undefined ? undefined : `rollout ${waits.metadata.name} to begin`
  const answer = { waitingFor, ...place, rollout: newest }
  if (spec.rejected === undefined || finalPhases.includes(answer.phase)) return answer
  if (answer.phase === 'Frozen')
    return { phase: 'Rejected', message: `Rejected: ${spec.rejected.reason}`, rollout: newest }
  return { ...answer, rejectedLate: true }
}

/** Whether one that is over was started anew since: a run of it goes on or waits, or was its last and left it in a target. */
export function isStartedAnew(question: PhaseQuestion): boolean {
  const own = runsOf(question.release, question.rollouts)
  if (own.some((rollout) => isForward(rollout) && !isEnded(rollout))) return true
  const last = own.findLast(hasBegun)
  return last !== undefined && isForward(last) && countCarrying(question) > 0
}

interface Place {
  readonly phase: ReleasePhase
  readonly message: string
  readonly waitingFor?: string
}

/** `runs` have begun, and are in the order of their age. One that was refused changed nothing, and says nothing of the release. */
function findPlace(question: PhaseQuestion, runs: readonly Rollout[]): Place {
  const { release, rollouts } = question
  const { name } = release.metadata
  const index = runs.findLastIndex(isForward)
  const run = runs[index]
  const carrying = countCarrying(question)
  if (run === undefined) return findPlaceWithoutRuns(question, carrying)
  const phase = run.status?.phase ?? 'Running'
  if (!isEnded(run)) {
    const waitingFor = run.status?.waitingFor
    const message = `Rollout ${run.metadata.name} is ${phase.toLowerCase()}`
    return { phase: 'Rolling', message, ...(waitingFor === undefined ? {} : { waitingFor }) }
  }
  const later = findLater(rollouts, name, run.status?.endedAt)
  const backs = runs.slice(index + 1)
  const back = backs.at(-1)
  // also by steps, one part of it after another
  if (back !== undefined && isEnded(back) && carrying === 0 && (isWhole(back) || later === undefined)) {
    const how = back.status?.phase === 'RolledBack' ? '' : `, which ended ${back.status?.phase ?? ''}`
    return { phase: 'RolledBack', message: `Rolled back by rollout ${back.metadata.name}${how}` }
  }
  if (later !== undefined) return superseded(later)
  const parts = describeParts([run, ...backs], carrying)
  if (phase === 'Succeeded')
    return { phase: 'Active', message: `Rollout ${run.metadata.name} brought it to its targets${parts}` }
  const ended = `rollout ${run.metadata.name} ended ${phase}`
  if (carrying > 0) {
    const words = `${ended.slice(0, 1).toUpperCase()}${ended.slice(1)}: ${countText(carrying)}`
    return { phase: 'Rolling', message: `${words}; start another, or roll it back` }
  }
  // started anew in vain: what it had come to before still holds
  const earlier = runs.slice(0, index)
  const before = earlier.some(isForward) ? findPlace(question, earlier) : undefined
  if (before !== undefined && before.phase !== 'Frozen') return before
  return { phase: 'Frozen', message: `${describeFrozen(release)}; ${ended}, and no target has it` }
}

/** It never went out, or its runs were taken away: what it came to is known from before. */
function findPlaceWithoutRuns({ release, rollouts }: PhaseQuestion, carrying: number): Place {
  const { metadata, status } = release
  const phase = status?.phase ?? 'Frozen'
  if (phase === 'Frozen') return { phase, message: describeFrozen(release) }
  const later = findLater(rollouts, metadata.name, status?.frozen?.at)
  if (later !== undefined && carrying === 0) return superseded(later)
  return { phase, message: status?.message ?? phase }
}

const superseded = ({ spec }: Rollout): Place => ({
  phase: 'Superseded',
  message: `Release ${spec.release} came after it`,
})

const isForward = ({ spec }: Rollout): boolean => spec.rollback === undefined
const isEnded = ({ status }: Rollout): boolean => status?.phase !== undefined && endedPhases.includes(status.phase)
const hasBegun = ({ status }: Rollout): boolean => status?.snapshot !== undefined
const isWhole = ({ spec }: Rollout): boolean => spec.rollback?.stages === undefined && spec.targets === undefined

const countCarrying = ({ release, deliveries }: PhaseQuestion): number =>
  deliveries.filter(({ spec }) => spec.desired?.release === release.metadata.name).length

const countText = (carrying: number): string => (carrying === 1 ? '1 target has it' : `${carrying} targets have it`)

/** Where it was taken back, by hand or by the plan, while other targets have it. */
function describeParts(runs: readonly Rollout[], carrying: number): string {
  const keys = runs.flatMap((run) =>
    (run.status?.targets ?? [])
      .filter(({ phase }) => phase === 'RolledBack' || (phase === 'Succeeded' && !isForward(run)))
      .map(targetKey),
  )
  const names = [...new Set(keys)].sort()
  if (names.length === 0) return ''
  return `; it was taken back in ${nameSome(names)}, and ${countText(carrying)}`
}

/** A run of another release that brought that one out after a time. */
const findLater = (rollouts: readonly Rollout[], release: string, since: string | undefined): Rollout | undefined =>
  rollouts
    .filter(
      (rollout) =>
        rollout.spec.release !== release &&
        isForward(rollout) &&
        rollout.status?.phase === 'Succeeded' &&
        (rollout.status.endedAt ?? '') > (since ?? ''),
    )
    .toSorted(byAge)
    .at(-1)

/** Names are given again: a run from before the release was of another one. */
const runsOf = ({ metadata: { name, creationTimestamp } }: Release, rollouts: readonly Rollout[]): Rollout[] =>
  rollouts
    .filter(
      ({ metadata, spec }) => spec.release === name && (metadata.creationTimestamp ?? '') >= (creationTimestamp ?? ''),
    )
    .toSorted(byAge)

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
