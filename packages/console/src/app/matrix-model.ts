import { type HealthState, summariseHealth } from '@flotilla/model'
import type { MatrixCell, MatrixTarget } from '@flotilla/api'

interface FleetCluster {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly edge: boolean
}

export type MatrixColumn =
  | { readonly type: 'target'; readonly key: string; readonly target: MatrixTarget; readonly group?: string }
  | { readonly type: 'group'; readonly key: string; readonly name: string; readonly targets: readonly MatrixTarget[] }

/** Up to this many targets each has a column of its own. */
const mostSingle = 8

const targetKey = ({ cluster, namespace }: { cluster: string; namespace: string }): string => `${cluster}/${namespace}`

function groupName(target: MatrixTarget, cluster: FleetCluster | undefined): string {
  if (cluster?.edge === true) return 'edge'
  return cluster?.labels['region'] ?? target.environment ?? ''
}

/** One column per target; many of them come as one per group (edge sites, a region) until that is opened. */
export function computeColumns(
  targets: readonly MatrixTarget[],
  fleet: readonly FleetCluster[],
  opened: ReadonlySet<string>,
): MatrixColumn[] {
  const single = (target: MatrixTarget, group?: string): MatrixColumn => ({
    type: 'target',
    key: targetKey(target),
    target,
    ...(group === undefined ? {} : { group }),
  })
  if (targets.length <= mostSingle) return targets.map((target) => single(target))
  const clusters = new Map(fleet.map((cluster) => [cluster.name, cluster]))
  const groups = Map.groupBy(targets, (target) => groupName(target, clusters.get(target.cluster)))
  return [...groups].flatMap(([name, members]) => {
    if (name === '' || members.length < 3) return members.map((target) => single(target))
    if (opened.has(name)) return members.map((target) => single(target, name))
    return [{ type: 'group' as const, key: `group:${name}`, name, targets: members }]
  })
}

export interface GroupCell {
  readonly health: HealthState
  readonly healthy: number
  readonly unknown: number
  readonly total: number
  /** Versions in use, most used first. */
  readonly versions: readonly string[]
  /** What some of them are on their way to. */
  readonly nextVersion?: string
  readonly ownOverrides: number
}

/** Several cells of one component as one: the worst known state, with the unknown counted beside it. */
export function summariseCells(cells: readonly MatrixCell[]): GroupCell | undefined {
  if (cells.length === 0) return undefined
  const { state, unknown, total } = summariseHealth(cells.map(({ health }) => health))
  const counts = new Map<string, number>()
  for (const { version } of cells) if (version !== undefined) counts.set(version, (counts.get(version) ?? 0) + 1)
  const next = cells.find(
    ({ nextVersion, version }) => nextVersion !== undefined && nextVersion !== version,
  )?.nextVersion
  return {
    health: state,
    unknown,
    total,
    healthy: cells.filter(({ health }) => health === 'Healthy').length,
    ...(next === undefined ? {} : { nextVersion: next }),
    versions: [...counts].sort((a, b) => b[1] - a[1]).map(([version]) => version),
    ownOverrides: cells.reduce((sum, cell) => sum + cell.ownOverrides, 0),
  }
}

/** Cells by component and target, for drawing. */
export function indexCells(
  cells: readonly MatrixCell[],
): (component: string, target: MatrixTarget) => MatrixCell | undefined {
  const index = new Map(cells.map((cell) => [`${cell.component}/${targetKey(cell)}`, cell]))
  return (component, target) => index.get(`${component}/${targetKey(target)}`)
}
