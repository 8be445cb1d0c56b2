import type { ApplicationDetail, RevisionRow } from '@flotilla/api'
import { shortVersion } from '@flotilla/model/short-version'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { type Column, DataTable } from '../components/data-table.tsx'
import { EmptyState } from '../components/empty-state.tsx'
import { Problem } from '../components/problem.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import { type Text, useText } from '../i18n/text.ts'
import { useParam } from '../place/use-param.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { RevisionPanel } from './revision-panel.tsx'
import '../styles/table.css'
import '../app/matrix.css'

const pageSize = 50

const columns = ({ t }: Text, open: (row: RevisionRow) => void): Column<RevisionRow>[] => [
  {
    id: 'revision',
    title: t.history.revision,
    render: (row) => (
      <>
        <button type="button" className="plain accent" onClick={() => open(row)}>
          {row.revision}
        </button>{' '}
        {row.current && <span className="tag">{t.history.current}</span>}
      </>
    ),
  },
  { id: 'when', title: t.history.when, render: (row) => <Time at={row.at} /> },
  { id: 'by', title: t.history.by, render: (row) => row.by },
  { id: 'reason', title: t.history.reason, render: (row) => <span title={row.reason}>{visibleText(row.reason)}</span> },
  {
    id: 'sources',
    title: t.history.sources,
    render: (row) => (
      <span className="v">
        {row.sources
          .map(({ component, version, digest }) => `${component} ${shortVersion(version ?? digest)}`)
          .join(', ')}
      </span>
    ),
  },
  { id: 'targets', title: t.history.targets, end: true, render: (row) => row.targets },
]

/** What was wanted over time; choosing a revision shows what going back to it would change. */
export function HistoryTab({ detail }: { detail: ApplicationDetail }) {
  const text = useText()
  const { t } = text
  const { project, name: application } = detail
  const [chosen, setChosen] = useParam('revision')
  const history = useInfiniteQuery({
    // a new revision makes a new list
    queryKey: keys.ofApplication(project, application, 'history', detail.revision),
    queryFn: ({ pageParam, signal }) =>
      api.applications.history({
        params: { project, application },
        query: { limit: pageSize, ...(pageParam === 0 ? {} : { before: pageParam }) },
        signal,
      }),
    initialPageParam: 0,
    getNextPageParam: (page) => page.before,
  })
  if (history.isPending) return <SkeletonRows />
  if (history.isError) return <Problem error={history.error} />
  const rows = history.data.pages.flatMap((page) => page.items)
  if (rows.length === 0) return <EmptyState title={t.history.nothingYet} hint={t.history.nothingYetHint} />
  const open = (row: RevisionRow) => setChosen(String(row.revision))
  const row = rows.find(({ revision }) => String(revision) === chosen)
  return (
    <div className="stack">
      <div className="panel">
        <DataTable
          label={t.history.table}
          rows={rows}
          columns={columns(text, open)}
          keyOf={({ revision }) => String(revision)}
          rowClass={({ revision }) => (String(revision) === chosen ? 'selected' : '')}
          onOpen={open}
        />
        {history.hasNextPage && (
          <div className="more">
            <Button size="small" loading={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
              {t.apps.loadMore}
            </Button>
          </div>
        )}
      </div>
      {row === undefined ? <div className="muted">{t.history.pick}</div> : <RevisionPanel detail={detail} row={row} />}
    </div>
  )
}
