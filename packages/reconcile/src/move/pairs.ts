import {
  type Application,
  computePlacement,
  computeTargets,
  isStandby,
  type Move,
  type MoveStatus,
  type Placement,
  type Project,
  type Target,
  targetKey,
  type TargetRef,
} from '@flotilla/model'
import type { ObservedCluster } from '../application/observed.ts'
import { replaceTargets, withTargets } from './placement.ts'

export type Pair = NonNullable<MoveStatus['pairs']>[number]

/** `refused`: why it cannot be done as it is declared. */
export type Pairs =
  | { readonly pairs: readonly Pair[]; readonly during: Placement; readonly after: Placement }
  | { readonly refused: string }

export interface PairsQuestion {
  readonly move: Pick<Move['spec'], 'from' | 'to'>
  readonly application: Application
  readonly project: Project
  readonly clusters: readonly ObservedCluster[]
}

/** What goes where. Cluster by cluster where others are named, else each target within its own cluster. */
export function computePairs({ move, application, project, clusters }: PairsQuestion): Pairs {
  const refused = (why: string): Pairs => ({ refused: why })
  const { from, to } = move
  // a cluster that is being removed is nobody's any more
  const staying = clusters.filter(({ removal }) => removal === undefined)
  const targets = computeTargets(project, staying)
  const placed = computePlacement(application.spec, targets)
  const sources = placed.filter(
    ({ cluster, namespace }) =>
      (from.clusters?.includes(cluster) ?? true) && (from.namespace === undefined || from.namespace === namespace),
  )
  const missing = from.clusters?.find((name) => !sources.some(({ cluster }) => cluster === name))
  if (missing !== undefined || sources.length === 0)
    return refused(`The application is not in ${missing ?? from.namespace ?? ''}; it is in ${list(placed)}`)
  if (to.clusters !== undefined && (from.clusters?.length ?? clustersOf(sources).length) !== to.clusters.length)
    return refused(`${list(sources)} and ${to.clusters.join(', ')} are not the same number of clusters; name as many`)
  const pairs = sources.map(({ cluster, namespace }): Pair => {
    const at = (from.clusters ?? clustersOf(sources)).indexOf(cluster)
    const goes = { cluster: to.clusters?.[at] ?? cluster, namespace: to.namespace ?? namespace }
    return { from: { cluster, namespace }, to: goes }
  })
  const refusal = refuse(pairs, targets, placed, application)
  if (refusal !== undefined) return refused(refusal)
  const change = { added: pairs.map((pair) => pair.to), removed: pairs.map((pair) => pair.from) }
  const { placement } = application.spec
  const during = withTargets(placement, change.added, targets)
  const after = replaceTargets(placement, change, targets)
  if (during === undefined || after === undefined)
    return refused(`spec.placement.except leaves ${list(change.added)} out together with others; take that out first`)
  return { pairs, during, after }
}

function refuse(
  pairs: readonly Pair[],
  targets: readonly Target[],
  placed: readonly Target[],
  application: Application,
): string | undefined {
  if (pairs.length > mostPairs) return `${pairs.length} targets are too many for one move; ${mostPairs} go at once`
  const seen = new Set<string>()
  for (const { from, to } of pairs) {
    const key = targetKey(to)
    const target = targets.find((one) => targetKey(one) === key)
    const source = targets.find((one) => targetKey(one) === targetKey(from))
    if (target === undefined) return `${key} is no target of the project; add it to spec.targets of the Project first`
    if (placed.some((one) => targetKey(one) === key))
      return `The application is in ${key} already; leave it out there by spec.placement first`
    if (seen.has(key)) return `Two targets would go to ${key}; move one after the other`
    seen.add(key)
    if (isStandby(application.spec, target) || (source !== undefined && isStandby(application.spec, source)))
      return `spec.standby of the application names ${key} or ${targetKey(from)}; take it out first`
  }
  return undefined
}

/** More than one thing to suspend, drain and start at once is nobody's plan. */
const mostPairs = 50

const clustersOf = (targets: readonly Target[]): string[] => [...new Set(targets.map(({ cluster }) => cluster))]

const mostListed = 5
export const list = (targets: readonly TargetRef[]): string => {
  if (targets.length === 0) return 'no target'
  const more = targets.length > mostListed ? ` and ${targets.length - mostListed} more` : ''
  return `${targets.slice(0, mostListed).map(targetKey).join(', ')}${more}`
}
