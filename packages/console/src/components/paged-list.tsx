import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { useNavigate } from 'react-router'
import { useText } from '../i18n/text.ts'
import { useParam } from '../place/use-param.ts'
import { type Column, DataTable } from './data-table.tsx'
import { Unreadable } from './empty-state.tsx'
import { SkeletonRows } from './skeleton.tsx'

interface PagedListProps<Row> {
  readonly label: string
  /** As the rights name them: `releases`. */
  readonly resource: string
  readonly list: UseInfiniteQueryResult<InfiniteData<unknown>>
  readonly rows: readonly Row[]
  readonly total: number
  readonly columns: readonly Column<Row>[]
  /** The page of a row. */
  readonly address: (row: Row) => string
  /** How it is sorted where the address says nothing. */
  readonly sort: string
  /** Which nothing it is, where there is no row. */
  readonly nothing: ReactNode
}

/** Objects of projects, sorted and paged by the server: while they are read, when they cannot be, when there is none, and more of them. */
export function PagedList<Row extends { readonly project: string; readonly name: string }>(props: PagedListProps<Row>) {
  const { label, resource, list, rows, total, columns, address } = props
  const { t } = useText()
  const navigate = useNavigate()
  const [sort, setSort] = useParam('sort', props.sort)
  if (list.isPending) return <SkeletonRows />
  if (list.isError) {
    const right = { verb: 'list', resource, scope: 'flotilla' }
    return <Unreadable error={list.error} right={right} onRetry={() => void list.refetch()} />
  }
  if (rows.length === 0 && !list.hasNextPage) return props.nothing
  return (
    <div className="panel list-panel">
      <DataTable
        label={label}
        rows={rows}
        total={total}
        columns={columns}
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
