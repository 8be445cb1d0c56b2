import { setImmediate as turn } from 'node:timers/promises'
import type { Places } from '../../access/rbac/rbac-view.ts'
import type { RowFilter } from './row-filter.ts'
import type { Mark, Ordering, PlacedRow } from './row-order.ts'
import type { SlimRow } from './slim-row.ts'
import { TopRows } from './top-rows.ts'

/** Rows of one cluster, and where in it they may be shown. */
export interface RowsOfCluster {
  readonly cluster: string
  readonly rows: ReadonlyMap<string, SlimRow>
  readonly places: Places
}

export interface Selection {
  readonly items: PlacedRow[]
  readonly total: number
  readonly facets: { readonly cluster: Record<string, number>; readonly state: Record<string, number> }
  /** Where the next page begins, if there is one. */
  readonly next: Mark | undefined
}

/** Rows between two looks at the clock. */
const stride = 1024
const budgetMs = 10
/** Words of state that are counted; Kubernetes has some dozens. */
const mostStates = 200

/**
 * One page of all rows: each is looked at once, only the best `limit` are kept, and other work has its turn every few
 * milliseconds. Rows that change meanwhile are seen as they are when they are passed.
 */
export async function selectRows(
  parts: readonly RowsOfCluster[],
  ask: {
    readonly filter: RowFilter
    readonly ordering: Ordering
    readonly after: Mark | undefined
    readonly limit: number
    readonly signal: AbortSignal
  },
): Promise<Selection> {
  const { filter, ordering, after } = ask
  const top = new TopRows(ask.limit, ordering.compare)
  const states = new Map<string, number>()
  const clusters: Record<string, number> = {}
  let total = 0
  let behind = 0
  let seen = 0
  let since = performance.now()
  for (const { cluster, rows, places } of parts) {
    let here = 0
    for (const row of rows.values()) {
      if (++seen % stride === 0 && performance.now() - since > budgetMs) {
        await turn()
        ask.signal.throwIfAborted()
        since = performance.now()
      }
      if (places !== 'everywhere' && !places.has(row.namespace)) continue
      if (!filter.besidesState(row)) continue
      const same = states.get(row.state)
      if (same !== undefined || states.size < mostStates) states.set(row.state, (same ?? 0) + 1)
      if (!filter.state(row)) continue
      here++
      const placed = { cluster, row }
      if (after !== undefined && !ordering.isAfter(placed, after)) continue
      behind++
      top.offer(placed)
    }
    if (here > 0) clusters[cluster] = here
    total += here
  }
  const items = top.sorted()
  const last = items.at(-1)
  return {
    items,
    total,
    facets: { cluster: clusters, state: Object.fromEntries(states) },
    next: last === undefined || behind <= items.length ? undefined : ordering.markOf(last),
  }
}
