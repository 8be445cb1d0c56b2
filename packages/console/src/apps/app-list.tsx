import { Button } from 'antd'
import type { ApplicationRow } from '@flotilla/api'
import { useSearchParams } from 'react-router'
import { EmptyState } from '../components/empty-state.tsx'
import { PagedList } from '../components/paged-list.tsx'
import { useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
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
  const { carry } = useClusterFilter()
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  const address = (row: ApplicationRow) => carry(`/apps/${row.project}/${row.name}`)
  return (
    <PagedList
      label={text.t.apps.table}
      resource="applications"
      list={list}
      rows={rows}
      total={list.data?.pages[0]?.total ?? rows.length}
      columns={appColumns(text, address)}
      address={address}
      sort="name"
      nothing={<Nothing filtered={isFiltered(query)} />}
    />
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
