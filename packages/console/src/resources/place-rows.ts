import type { ResourcePage, ResourceRow, StreamEvent } from '@flotilla/api'
import { compareRows, type Sort } from './compare-rows.ts'

export type RowItem = Extract<StreamEvent, { event: 'rows' }>['data']['items'][number]

export const rowKey = ({ cluster, namespace, name }: ResourceRow): string =>
  namespace === '' ? `${cluster}/${name}` : `${cluster}/${namespace}/${name}`

/**
 * Puts changed rows into the pages of a list where the server would have them. What belongs behind the last row that
 * is loaded is only counted. All rows are then in the first page; the last one keeps where the list goes on.
 */
export function placeRows(pages: readonly ResourcePage[], items: readonly RowItem[], sort: Sort): ResourcePage[] {
  const [first] = pages
  const last = pages.at(-1)
  if (first === undefined || last === undefined) return [...pages]
  const rows = new Map(pages.flatMap((page) => page.items.map((row) => [rowKey(row), row])))
  const compare = compareRows(sort)
  const hasMore = last.continue !== undefined
  const end = hasMore ? (last.items.at(-1) ?? first.items.at(-1)) : undefined
  let { total } = first
  let moved = false
  for (const { key, row, was } of items) {
    const before = rows.get(key)
    // what is read again meanwhile has it already
    const isKnown = before !== undefined || was
    if (row === null) {
      moved ||= rows.delete(key)
      if (isKnown) total--
      continue
    }
    if (!isKnown) total++
    if (before === undefined && end !== undefined && compare(row, end) > 0) continue
    moved ||= before === undefined || compare(before, row) !== 0
    rows.set(key, row)
  }
  const all = moved ? [...rows.values()].sort(compare) : [...rows.values()]
  return pages.map((page, at) => ({ ...page, total: Math.max(total, all.length), items: at === 0 ? all : [] }))
}
