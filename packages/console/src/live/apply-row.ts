import type { ApplicationRow } from '@flotilla/api'
import type { ApplicationListQuery } from '../query/keys.ts'
import { matchesQuery } from './matches-query.ts'

export interface ListPage {
  readonly items: ApplicationRow[]
  readonly total: number
  readonly continue?: string | undefined
}

export interface AppliedRow {
  readonly pages: ListPage[]
  /** The order or the membership may have changed in a way that only the server knows: read the list again soon. */
  readonly stale: boolean
}

const keyOf = (row: Pick<ApplicationRow, 'project' | 'name'>): string => `${row.project}/${row.name}`

function orderChanged(before: ApplicationRow, after: ApplicationRow, sort: string | undefined): boolean {
  if (sort?.endsWith('health')) return before.health.state !== after.health.state
  if (sort?.endsWith('changed')) return before.changedAt !== after.changedAt
  return false
}

/** Puts one changed application (`null`: gone) into the pages of a list; rows that did not change keep their identity. */
export function applyRow(
  pages: readonly ListPage[],
  query: ApplicationListQuery,
  key: string,
  row: ApplicationRow | null,
): AppliedRow {
  let stale = false
  let found = false
  const belongs = row !== null && matchesQuery(row, query)
  const next = pages.map((page) => {
    const index = page.items.findIndex((item) => keyOf(item) === key)
    const before = page.items[index]
    if (before === undefined) return page
    found = true
    if (row === null || !belongs) return { ...page, items: page.items.toSpliced(index, 1) }
    stale ||= orderChanged(before, row, query.sort)
    return { ...page, items: page.items.with(index, row) }
  })
  if (!found && belongs) return { pages: [...pages], stale: true }
  if (found && !belongs) return { pages: next.map((page) => ({ ...page, total: page.total - 1 })), stale }
  return { pages: next, stale }
}
