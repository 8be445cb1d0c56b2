import { Button } from 'antd'
import { useNavigate, useSearchParams } from 'react-router'
import type { ReleaseRow } from '@flotilla/api'
import { DataTable } from '../components/data-table.tsx'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useParam } from '../place/use-param.ts'
import { useReleaseCount, type useReleaseList } from '../query/use-releases.ts'
import { releaseColumns } from './release-columns.tsx'
import { isFiltered, readReleaseQuery, waitsOnly } from './release-query.ts'

interface ReleaseListProps {
  readonly list: ReturnType<typeof useReleaseList>
  readonly rows: readonly ReleaseRow[]
  readonly total: number | undefined
}

export function ReleaseList({ list, rows, total = rows.length }: ReleaseListProps) {
  const text = useText()
  const { t } = text
  const navigate = useNavigate()
  const { carry } = useClusterFilter()
  const [sort, setSort] = useParam('sort', '-created')
  if (list.isPending) return <SkeletonRows />
  if (list.isError) {
    const right = { verb: 'list', resource: 'releases', scope: 'flotilla' }
    return <Unreadable error={list.error} right={right} onRetry={() => void list.refetch()} />
  }
  if (rows.length === 0 && !list.hasNextPage) return <Nothing />
  const address = (row: ReleaseRow) => carry(`/releases/${row.project}/${row.name}`)
  return (
    <div className="panel list-panel">
      <DataTable
        label={t.releases.table}
        rows={rows}
        total={total}
        columns={releaseColumns(text, address)}
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
    </div>
  )
}

/** An empty list says which nothing it is. */
function Nothing() {
  const { t } = useText()
  const [search, setSearch] = useSearchParams()
  const { data: all = 0 } = useReleaseCount()
  if (all === 0) return <EmptyState title={t.releases.nothingYet} hint={t.releases.nothingYetHint} />
  const others = [...search.keys()].some((name) => ['q', 'project', 'application'].includes(name))
  if (waitsOnly(search) && !others)
    return <EmptyState title={t.releases.noneWaiting} hint={t.releases.noneWaitingHint} />
  if (!isFiltered(readReleaseQuery(search))) return <EmptyState title={t.releases.nothingYet} />
  return (
    <EmptyState title={t.empty.filteredOut} hint={t.empty.filteredOutHint(0, all)}>
      <Button onClick={() => setSearch({})}>{t.empty.clearFilter}</Button>
    </EmptyState>
  )
}
