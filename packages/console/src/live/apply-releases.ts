import type { Change, ReleaseDetail, ReleaseRow } from '@flotilla/api'
import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import { keys, type ReleaseListQuery } from '../query/keys.ts'
import { matchesRelease } from './matches-release.ts'

interface ReleasePage {
  readonly items: ReleaseRow[]
  readonly total: number
  readonly continue?: string | undefined
}
type Of<Topic extends Change['topic']> = Extract<Change, { topic: Topic }>

const keyOf = (row: Pick<ReleaseRow, 'project' | 'name'>): string => `${row.project}/${row.name}`

/** A changed release in lists and on its page. True when a list has to be read again for its members or their order. */
export function applyRelease(client: QueryClient, { key, row }: Of<'releases'>): boolean {
  let stale = row === null
  const lists = client.getQueriesData<InfiniteData<ReleasePage>>({ queryKey: keys.releaseLists })
  for (const [queryKey, list] of lists) {
    if (list === undefined) continue
    const query = (queryKey[1] ?? {}) as ReleaseListQuery
    const belongs = row !== null && matchesRelease(row, query)
    const pages = list.pages.map((page) => {
      if (!page.items.some((item) => keyOf(item) === key)) return page
      if (!belongs) return { ...page, items: page.items.filter((item) => keyOf(item) !== key), total: page.total - 1 }
      return { ...page, items: page.items.map((item) => (keyOf(item) === key ? row : item)) }
    })
    const found = pages.some((page, index) => page !== list.pages[index])
    stale ||= belongs && !found
    if (found) client.setQueryData<InfiniteData<ReleasePage>>(queryKey, { ...list, pages })
  }
  const [project = '', name = ''] = key.split('/')
  const detailKey = keys.release(project, name)
  const before = client.getQueryData<ReleaseDetail>(detailKey)
  if (before === undefined) return stale
  if (row !== null) client.setQueryData<ReleaseDetail>(detailKey, { ...before, ...row })
  if (row === null || saysMore(before, row)) void client.invalidateQueries({ queryKey: detailKey })
  return stale
}

/** Whether the page of a release holds more about what changed than its row does. */
const saysMore = (before: ReleaseRow, after: ReleaseRow): boolean =>
  before.phase !== after.phase ||
  before.frozenAt !== after.frozenAt ||
  before.findings !== after.findings ||
  before.rollout?.name !== after.rollout?.name ||
  before.approvals.approved !== after.approvals.approved ||
  before.approvals.rejected !== after.approvals.rejected ||
  JSON.stringify(before.choices) !== JSON.stringify(after.choices)

/** A run that began, ended or paused: the page of its release lists it. */
export function applyRolloutRow(client: QueryClient, { row }: Of<'rollouts'>): void {
  if (row === null) return
  const detailKey = keys.release(row.project, row.release)
  const known = client.getQueryData<ReleaseDetail>(detailKey)?.rollouts.find(({ name }) => name === row.name)
  if (known?.phase !== row.phase) void client.invalidateQueries({ queryKey: detailKey })
}

export function applyRollout(client: QueryClient, { key, row }: Of<'rollout'>): void {
  const [project = '', name = ''] = key.split('/')
  if (row === null) void client.invalidateQueries({ queryKey: keys.rollout(project, name) })
  else client.setQueryData(keys.rollout(project, name), row)
}
