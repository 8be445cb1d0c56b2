import type { ProjectRow } from '@flotilla/api'
import { Link, useNavigate } from 'react-router'
import { type Column, DataTable } from '../components/data-table.tsx'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { type Text, useText } from '../i18n/text.ts'
import { useProjects } from '../query/use-fleet.ts'
import { ReadyMark } from './ready-mark.tsx'
import '../styles/table.css'

/** The projects of a workspace. */
export function ProjectsPanel({ workspace }: { workspace: string }) {
  const text = useText()
  const { t } = text
  const navigate = useNavigate()
  const projects = useProjects()
  if (projects.isPending) return <SkeletonRows />
  if (projects.isError) {
    const right = { verb: 'list', resource: 'projects', scope: `ws-${workspace}` }
    return <Unreadable error={projects.error} right={right} onRetry={() => void projects.refetch()} />
  }
  const rows = projects.data.filter((row) => row.workspace === workspace)
  return (
    <div className="panel list-panel">
      {rows.length === 0 ? (
        <EmptyState title={t.projects.nothingYet} hint={t.projects.nothingYetHint} />
      ) : (
        <DataTable
          label={t.projects.table}
          rows={rows}
          columns={columns(text)}
          keyOf={(row) => row.name}
          onOpen={(row) => void navigate(`/access/projects/${row.name}`)}
        />
      )}
    </div>
  )
}

const columns = ({ t, f }: Text): Column<ProjectRow>[] => [
  {
    id: 'name',
    title: t.projects.project,
    render: (row) => (
      <>
        <Link className="name" to={`/access/projects/${row.name}`}>
          {row.name}
        </Link>{' '}
        <span className="sub">{row.displayName}</span>
      </>
    ),
  },
  {
    id: 'targets',
    title: t.projects.targets,
    render: ({ targets }) =>
      targets.length === 0 ? (
        <span className="faint">—</span>
      ) : (
        t.projects.ready(targets.filter(({ state }) => state === 'Ready').length, targets.length)
      ),
  },
  {
    id: 'environments',
    title: t.projects.environment,
    render: ({ targets }) => (
      <span className="labels">
        {[...new Set(targets.flatMap(({ environment }) => environment ?? []))].map((name) => (
          <span key={name} className="tag">
            {name}
          </span>
        ))}
      </span>
    ),
  },
  { id: 'applications', title: t.projects.applications, end: true, render: (row) => f.number(row.applications) },
  { id: 'security', title: t.projects.podSecurity, render: (row) => t.projects.levels[row.podSecurity] },
  { id: 'state', title: t.workspaces.state, render: (row) => <ReadyMark ready={row.ready} message={row.message} /> },
]
