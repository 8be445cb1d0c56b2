import { type ApplicationSpec, type Delivery, endedPhases, type Release, type Rollout } from '@flotilla/model'
import { finalPhases } from './phase.ts'

/** Releases that are over, and are kept where the application does not say how many. */
const defaultHistory = 50

export interface OutdatedQuestion {
  readonly spec: Pick<ApplicationSpec, 'releaseHistoryLimit' | 'hold'>
  /** All of one application. */
  readonly releases: readonly Release[]
  readonly rollouts: readonly Rollout[]
  readonly deliveries: readonly Delivery[]
}

export interface Outdated {
  readonly releases: readonly Release[]
  readonly rollouts: readonly Rollout[]
}

/**
 * Releases that are over and beyond what is kept, each with all its runs, and runs beyond that which brought nothing out. Never
 * what a target has, as one that was rolled back to, what a rollback under way names, nor what the phase of a release that stays
 * follows from.
 */
export function findOutdated({ spec, releases, rollouts, deliveries }: OutdatedQuestion): Outdated {
  const limit = spec.releaseHistoryLimit ?? defaultHistory
  const open = rollouts.filter((rollout) => !isEnded(rollout))
  const taken = new Set(open.map((rollout) => rollout.spec.rollback?.of))
  const has = deliveries.flatMap(({ spec: { desired } }) => (desired === undefined ? [] : [desired]))
  const releasesInUse = new Set([
    ...has.map(({ release }) => release),
    ...open.map((rollout) => rollout.spec.release),
    ...rollouts.filter(({ metadata }) => taken.has(metadata.name)).map((rollout) => rollout.spec.release),
  ])
  const runsInUse = new Set([...has.map(({ rollout }) => rollout), ...taken, spec.hold?.rollout])
  const over = releases.filter(({ status }) => status?.phase !== undefined && finalPhases.includes(status.phase))
  const outdated = newestFirst(over)
    .slice(limit)
    .filter(({ metadata }) => !releasesInUse.has(metadata.name))
  const gone = new Set(outdated.map(({ metadata }) => metadata.name))
  const isFree = (rollout: Rollout): boolean => isEnded(rollout) && !runsInUse.has(rollout.metadata.name)
  const own = rollouts.filter((rollout) => gone.has(rollout.spec.release) && isFree(rollout))
  const newest = newestRuns(rollouts)
  const others = newestFirst(rollouts)
    .slice(limit)
    .filter(
      (rollout) =>
        !gone.has(rollout.spec.release) &&
        isFree(rollout) &&
        broughtNothing(rollout) &&
        !newest.has(rollout.metadata.name),
    )
  return { releases: outdated, rollouts: [...own, ...others] }
}

const isEnded = ({ status }: Rollout): boolean => status?.phase !== undefined && endedPhases.includes(status.phase)

/** What a release came to is told from those that went through, forward and back. */
const broughtNothing = ({ status }: Rollout): boolean => status?.phase !== 'Succeeded' && status?.phase !== 'RolledBack'

/** Of each release, forward and back; one that was refused says nothing of what came before it. */
function newestRuns(rollouts: readonly Rollout[]): Set<string> {
  const seen = new Set<string>()
  const names = new Set<string>()
  for (const { metadata, spec, status } of newestFirst(rollouts)) {
    const begun = status?.snapshot === undefined ? 'refused' : 'begun'
    const key = `${spec.release} ${spec.rollback === undefined ? 'forward' : 'back'} ${begun}`
    if (!seen.has(key)) names.add(metadata.name)
    seen.add(key)
  }
  return names
}

type Aged = { readonly metadata: { readonly name: string; readonly creationTimestamp?: string | undefined } }

const newestFirst = <T extends Aged>(objects: readonly T[]): T[] =>
  objects.toSorted((a, b) => {
    const [left, right] = [a, b].map(({ metadata }) => metadata.creationTimestamp ?? '')
    return (left ?? '') < (right ?? '')
      ? 1
      : (left ?? '') > (right ?? '')
        ? -1
        : a.metadata.name < b.metadata.name
          ? 1
          : -1
  })
