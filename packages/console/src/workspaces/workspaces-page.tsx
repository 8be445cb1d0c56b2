import type { WorkspaceRow } from '@flotilla/api'
import { Button } from 'antd'
import { Suspense, lazy } from 'react'
import { Link, useNavigate } from 'react-router'
import { type Action, allowed } from '../actions/action.ts'
import { ActionButton } from '../actions/action-button.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { FilterInput } from '../components/filter-input.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { type Text, useText } from '../i18n/text.ts'
import { usePageActions } from '../palette/page-actions.ts'
import { useParam } from '../place/use-param.ts'
import { useAccess } from '../query/use-access.ts'
import { useWorkspaces } from '../query/use-tenants.ts'
import { Page } from '../shell/page.tsx'
import { StatusIcon } from '../status/status-icon.tsx'
import { describeChoice } from './describe-choice.ts'
import { ReadyMark } from './ready-mark.tsx'
import '../styles/table.css'

const WorkspaceDialog = lazy(async () => ({ default: (await import('./workspace-dialog.tsx')).WorkspaceDialog }))

/** The departments: who has how many projects and people, and whether it is ready. */
export function WorkspacesPage() {
  const { t } = useText()
  const navigate = useNavigate()
  const [adding, setAdding] = useParam('add')
  const [mayCreate = allowed] = useAccess([{ verb: 'create', resource: 'workspaces' }])
  const workspaces = useWorkspaces()
  const add: Action = {
    id: 'workspaces.add',
    label: t.workspaces.add,
    may: mayCreate,
    primary: true,
    run: () => setAdding('1'),
  }
  usePageActions([add])
  return (
    <Page
      crumbs={[{ text: t.shell.access }, { text: t.workspaces.title }]}
      title={t.workspaces.title}
      actions={<ActionButton action={add} />}
      sentence={<WorkspacesSentence rows={workspaces.data ?? []} />}
      fill
    >
      <WorkspacesBody mayCreate={mayCreate.allowed} />
      <Suspense>
        {adding !== '' && (
          <WorkspaceDialog
            onClose={() => setAdding('')}
            onSaved={(name) => void navigate(`/access/workspaces/${name}`)}
          />
        )}
      </Suspense>
    </Page>
  )
}

function WorkspacesSentence({ rows }: { rows: readonly WorkspaceRow[] }) {
  const { t, f } = useText()
  if (rows.length === 0) return null
  const waiting = rows.filter(({ ready }) => !ready).map(({ name }) => name)
  const projects = rows.reduce((sum, row) => sum + row.projects, 0)
  return (
    <p className="say">
      <StatusIcon look={waiting.length === 0 ? 'healthy' : 'progressing'} />
      <span>
        <b>{t.workspaces.sentence(rows.length, projects)}</b>
        {waiting.length > 0 && `${t.sentence.stop} ${t.workspaces.notReady(f.list(waiting.slice(0, 5)))}`}
        {t.sentence.stop}
      </span>
    </p>
  )
}

function WorkspacesBody({ mayCreate }: { mayCreate: boolean }) {
  const text = useText()
  const { t, f } = text
  const navigate = useNavigate()
  const workspaces = useWorkspaces()
  const [q, setQ] = useParam('q')
  if (workspaces.isPending) return <SkeletonRows />
  if (workspaces.isError) {
    const right = { verb: 'list', resource: 'workspaces', scope: 'flotilla' }
    return <Unreadable error={workspaces.error} right={right} onRetry={() => void workspaces.refetch()} />
  }
  const all = workspaces.data
  if (all.length === 0) {
    const hint = mayCreate ? t.workspaces.nothingYetHint : t.workspaces.noneForMe
    return <EmptyState title={t.workspaces.nothingYet} hint={hint} />
  }
  const wanted = q.trim().toLowerCase()
  const rows = all.filter(({ name, displayName = '' }) => `${name} ${displayName}`.toLowerCase().includes(wanted))
  return (
    <>
      <div className="filters">
        <FilterInput label={t.workspaces.filter} value={q} onChange={setQ} />
        <span className="count">{f.number(rows.length)}</span>
      </div>
      <div className="panel list-panel">
        {rows.length === 0 ? (
          <EmptyState title={t.empty.filteredOut} hint={t.empty.filteredOutHint(0, all.length)}>
            <Button onClick={() => setQ('')}>{t.empty.clearFilter}</Button>
          </EmptyState>
        ) : (
          <DataTable
            label={t.workspaces.table}
            rows={rows}
            columns={columns(text)}
            keyOf={(row) => row.name}
            onOpen={(row) => void navigate(`/access/workspaces/${row.name}`)}
          />
        )}
      </div>
    </>
  )
}

const columns = ({ t, f }: Text): Column<WorkspaceRow>[] => [
  {
    id: 'name',
    title: t.workspaces.workspace,
    render: (row) => (
      <>
        <Link className="name" to={`/access/workspaces/${row.name}`}>
          {row.name}
        </Link>{' '}
        <span className="sub">{row.displayName}</span>
      </>
    ),
  },
  { id: 'projects', title: t.workspaces.projects, end: true, render: (row) => f.number(row.projects) },
  { id: 'members', title: t.workspaces.members, end: true, render: (row) => f.number(row.members) },
  {
    id: 'clusters',
    title: t.workspaces.clusters,
    render: (row) => <span className="muted">{describeChoice(row.clusters, t.workspaces.allClusters)}</span>,
  },
  {
    id: 'state',
    title: t.workspaces.state,
    render: (row) => <ReadyMark ready={row.ready} message={row.message} />,
  },
]
