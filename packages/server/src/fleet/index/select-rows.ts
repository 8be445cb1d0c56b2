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
  const top = new TopRows(ask.limit, ordering)
  const states = new Map<string, { rows: number }>()
  // rows of one state often stand together
  let state = ''
  let ofState: { rows: number } | undefined
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
      if (ofState === undefined || row.state !== state) {
        state = row.state
        ofState = states.get(state)
        if (ofState === undefined && states.size < mostStates) states.set(state, (ofState = { rows: 0 }))
      }
      if (ofState !== undefined) ofState.rows++
      if (!filter.state(row)) continue
      here++
      if (after !== undefined && !ordering.isAfter(row, cluster, after)) continue
      behind++
      top.offer(row, cluster)
    }
    if (here > 0) clusters[cluster] = here
    total += here
  }
  const items = top.sorted()
  const last = items.at(-1)
  return {
    items,
    total,
    facets: { cluster: clusters, state: Object.fromEntries([...states].map(([word, { rows }]) => [word, rows])) },
    next: last === undefined || behind <= items.length ? undefined : ordering.markOf(last),
  }
}
