import type { AuditRecord } from '@flotilla/api'
import { Button } from 'antd'
import { Link, useSearchParams } from 'react-router'
import { type Column, DataTable } from '../components/data-table.tsx'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import { type Text, useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useParam } from '../place/use-param.ts'
import { useSearch } from '../place/use-search.ts'
import { useAuditList } from '../query/use-audit.ts'
import { Page } from '../shell/page.tsx'
import { AuditDrawer } from './audit-drawer.tsx'
import { AuditFilters } from './audit-filters.tsx'
import { isFiltered, readAuditSearch } from './audit-query.ts'
import { AuditResultMark } from './audit-result.tsx'
import { Verification } from './verification.tsx'
import '../styles/table.css'
import './audit.css'

/** Who did what, and whether it is still as it was written. */
export function AuditPage() {
  const { t } = useText()
  const [record, setRecord] = useParam('record')
  const sequence = Number(record)
  return (
    <Page
      crumbs={[{ text: t.shell.access }, { text: t.audit.title }]}
      title={t.audit.title}
      sentence={<Verification />}
      fill
    >
      <AuditFilters />
      <AuditList />
      {Number.isSafeInteger(sequence) && sequence > 0 && (
        <AuditDrawer sequence={sequence} onClose={() => setRecord('')} />
      )}
    </Page>
  )
}

function AuditList() {
  const text = useText()
  const { t } = text
  const [params, changeParams] = useSearch()
  const [, setParams] = useSearchParams()
  const { names } = useClusterFilter()
  const search = readAuditSearch(params, names)
  const list = useAuditList(search)
  if (list.isPending) return <SkeletonRows />
  if (list.isError) {
    const right = { verb: 'audit', resource: 'memberships', scope: 'flotilla' }
    return <Unreadable error={list.error} right={right} onRetry={() => void list.refetch()} />
  }
  const { pages } = list.data
  if (pages[0]?.reads === 'none') return <EmptyState title={t.audit.none} hint={t.audit.noneHint} />
  const rows = pages.flatMap((page) => page.items)
  const address = (row: AuditRecord): string => {
    const to = new URLSearchParams(params)
    to.set('record', String(row.sequence))
    return `?${to}`
  }
  return (
    <div className="panel list-panel">
      {rows.length === 0 && !list.hasNextPage && isFiltered(search) && (
        <EmptyState title={t.empty.filteredOut}>
          <Button onClick={() => setParams({})}>{t.empty.clearFilter}</Button>
        </EmptyState>
      )}
      {rows.length === 0 && !list.hasNextPage && !isFiltered(search) && <EmptyState title={t.audit.nothingYet} />}
      {rows.length === 0 && list.hasNextPage && <EmptyState title={t.audit.searching} />}
      {rows.length > 0 && (
        <DataTable
          label={t.audit.table}
          rows={rows}
          columns={columns(text, address)}
          keyOf={(row) => String(row.sequence)}
          rowClass={(row) => (String(row.sequence) === params.get('record') ? 'selected' : '')}
          onOpen={(row) => changeParams((after) => after.set('record', String(row.sequence)))}
        />
      )}
      {(list.hasNextPage || pages[0]?.reads === 'some') && (
        <div className="more">
          {list.hasNextPage && (
            <Button size="small" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              {t.audit.older}
            </Button>
          )}
          {pages[0]?.reads === 'some' && <span className="sub">{t.audit.some}</span>}
        </div>
      )}
    </div>
  )
}

const columns = ({ t }: Text, address: (row: AuditRecord) => string): Column<AuditRecord>[] => [
  {
    id: 'at',
    title: t.audit.when,
    render: (row) => (
      <Link className="name" to={address(row)}>
        <Time at={row.at} as="clock" />
      </Link>
    ),
  },
  {
    id: 'who',
    title: t.audit.who,
    render: ({ actor }) =>
      actor.name === '' ? <span className="muted">{t.audit.nobody}</span> : visibleText(actor.name),
  },
  { id: 'what', title: t.audit.what, render: (row) => <code>{visibleText(row.verb)}</code> },
  {
    id: 'of',
    title: t.audit.of,
    render: ({ target: { kind = '', name = '' } }) => (
      <>
        <span className="muted">{visibleText(kind)}</span> {visibleText(name)}
      </>
    ),
  },
  {
    id: 'where',
    title: t.audit.where,
    render: ({ target: { cluster, workspace, project, namespace } }) => (
      <span className="muted">
        {visibleText([cluster, project ?? workspace ?? namespace].filter((one) => one !== undefined).join(' · '))}
      </span>
    ),
  },
  {
    id: 'result',
    title: t.audit.result,
    render: ({ result, code }) => (
      <>
        <AuditResultMark result={result} /> <span className="sub">{result === 'allowed' ? '' : code}</span>
      </>
    ),
  },
]
