import { Button } from 'antd'
import { useNavigate, useSearchParams } from 'react-router'
import { DataTable } from '../components/data-table.tsx'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useParam } from '../place/use-param.ts'
import type { ApplicationListQuery } from '../query/keys.ts'
import { useApplicationCount, type useApplicationList } from '../query/use-applications.ts'
import { useProjects } from '../query/use-fleet.ts'
import { appColumns } from './app-columns.tsx'
import { isFiltered } from './list-query.ts'

interface AppListProps {
  readonly list: ReturnType<typeof useApplicationList>
  readonly query: ApplicationListQuery
}

export function AppList({ list, query }: AppListProps) {
  const text = useText()
  const { t, f } = text
  const navigate = useNavigate()
  const { carry } = useClusterFilter()
  const [sort, setSort] = useParam('sort', 'name')
  if (list.isPending) return <SkeletonRows />
  if (list.isError) {
    const right = { verb: 'list', resource: 'applications', scope: 'flotilla' }
    return <Unreadable error={list.error} right={right} onRetry={() => void list.refetch()} />
  }
  const rows = list.data.pages.flatMap((page) => page.items)
  if (rows.length === 0) return <Nothing filtered={isFiltered(query)} />
  const total = list.data.pages[0]?.total ?? rows.length
  const address = (row: { project: string; name: string }) => carry(`/apps/${row.project}/${row.name}`)
  return (
    <div className="panel list-panel">
      <DataTable
        label={t.apps.table}
        rows={rows}
        total={total}
        columns={appColumns(text, address)}
        keyOf={(row) => `${row.project}/${row.name}`}
        sort={sort}
        onSort={setSort}
        onOpen={(row) => void navigate(address(row))}
      />
      {list.hasNextPage && (
        <div className="more">
          <Button size="small" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t.apps.loadMore}
          </Button>
          <span className="sub">{t.apps.shown(rows.length, total)}</span>
        </div>
      )}
      <span className="visually-hidden" role="status">
        {f.number(total)}
      </span>
    </div>
  )
}

/** An empty list says which nothing it is. */
function Nothing({ filtered }: { filtered: boolean }) {
  const { t } = useText()
  const [, setSearch] = useSearchParams()
  const { data: all = 0 } = useApplicationCount()
  const { data: projects } = useProjects()
  if (filtered && all > 0) {
    return (
      <EmptyState title={t.empty.filteredOut} hint={t.empty.filteredOutHint(0, all)}>
        <Button onClick={() => setSearch({})}>{t.empty.clearFilter}</Button>
      </EmptyState>
    )
  }
  if (projects?.length === 0) return <EmptyState title={t.apps.noProjects} hint={t.apps.noProjectsHint} />
  return <EmptyState title={t.apps.nothingYet} hint={t.apps.nothingYetHint} />
}
