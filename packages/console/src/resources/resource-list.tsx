import type { ResourceName, ResourceRow } from '@flotilla/api'
import { Button } from 'antd'
import { useLocation, useNavigate } from 'react-router'
import { DataTable } from '../components/data-table.tsx'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { Failures } from '../components/failures.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { openLogs, openShell } from '../dock/dock-store.ts'
import { useText } from '../i18n/text.ts'
import { useOwnTopic } from '../live/page-topic.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useSearch } from '../place/use-search.ts'
import { useResourceList } from '../query/use-resources.ts'
import { resourceColumns } from './resource-columns.tsx'
import { ResourceFilters } from './resource-filters.tsx'
import { isFiltered, readFilter, readSort, usualSort } from './resource-query.ts'
import { rowKey } from './place-rows.ts'

const logsOf = (previous: boolean) => (row: ResourceRow) =>
  openLogs({ clusters: [row.cluster], namespace: row.namespace, pod: row.name, previous })

/** As in k9s. */
const podKeys = {
  l: logsOf(false),
  p: logsOf(true),
  s: (row: ResourceRow) => openShell({ cluster: row.cluster, namespace: row.namespace, pod: row.name }),
}

export function ResourceList({ kind }: { kind: ResourceName }) {
  const text = useText()
  const { t, f } = text
  const navigate = useNavigate()
  const { pathname } = useLocation()
  const [search, change] = useSearch()
  const { names } = useClusterFilter()
  const filter = readFilter(search, names)
  const sort = readSort(search, kind)
  const { list, topic } = useResourceList(kind, filter, sort)
  useOwnTopic(topic)
  const to = (edit: (after: URLSearchParams) => void) => {
    const after = new URLSearchParams(search)
    edit(after)
    return `${pathname}?${after.toString()}`
  }
  const first = list.data?.pages[0]
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  const open = (row: (typeof rows)[number]) =>
    to((after) => after.set('open', [row.cluster, row.namespace, row.name].join('/')))
  const clear = () =>
    change((after) => {
      for (const name of new Set(after.keys())) if (name !== 'sort') after.delete(name)
    })
  return (
    <>
      <ResourceFilters facets={first?.facets} total={first?.total} />
      <Failures failures={first?.failures ?? []} />
      <div className="panel list-panel">
        {list.isPending && <SkeletonRows />}
        {list.isError && (
          <Unreadable
            error={list.error}
            right={{ verb: 'list', resource: kind, scope: t.shell.allClusters }}
            onRetry={() => void list.refetch()}
          />
        )}
        {first !== undefined && rows.length === 0 && (
          <EmptyState
            title={isFiltered(filter) ? t.empty.filteredOut : t.resources.nothing}
            hint={isFiltered(filter) ? t.resources.filteredHint : t.resources.nothingHint}
          >
            {isFiltered(filter) && <Button onClick={clear}>{t.empty.clearFilter}</Button>}
          </EmptyState>
        )}
        {rows.length > 0 && (
          <DataTable
            label={t.resources.kinds[kind]}
            rows={rows}
            total={first?.total ?? rows.length}
            columns={resourceColumns(kind, text, {
              open,
              only: (name, value) => to((after) => after.set(name, value)),
            })}
            keyOf={rowKey}
            rowClass={(row) => (isOld(first?.failures, row.cluster) ? 'hatched' : '')}
            sort={sort}
            onSort={(next) =>
              change((after) => (next === usualSort(kind) ? after.delete('sort') : after.set('sort', next)), {
                replace: true,
              })
            }
            onOpen={(row) => void navigate(open(row))}
            {...(kind === 'pods' ? { rowKeys: podKeys } : {})}
          />
        )}
        {list.hasNextPage && (
          <div className="more">
            <Button size="small" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              {t.apps.loadMore}
            </Button>
            <span className="sub">{t.apps.shown(rows.length, first?.total ?? rows.length)}</span>
          </div>
        )}
        <span className="visually-hidden" role="status">
          {f.number(first?.total ?? 0)}
        </span>
      </div>
    </>
  )
}

const isOld = (failures: readonly { cluster: string }[] = [], cluster: string): boolean =>
  failures.some((failure) => failure.cluster === cluster)
