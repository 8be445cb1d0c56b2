import { Button } from 'antd'
import { useSearchParams } from 'react-router'
import type { ReleaseRow } from '@flotilla/api'
import { EmptyState } from '../components/empty-state.tsx'
import { PagedList } from '../components/paged-list.tsx'
import { useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
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
  const { carry } = useClusterFilter()
  const address = (row: ReleaseRow) => carry(`/releases/${row.project}/${row.name}`)
  return (
    <PagedList
      label={text.t.releases.table}
      resource="releases"
      list={list}
      rows={rows}
      total={total}
      columns={releaseColumns(text, address)}
      address={address}
      sort="-created"
      nothing={<Nothing />}
    />
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
