import type { ProjectDetail } from '@flotilla/api'
import { Link } from 'react-router'
import { type Column, DataTable } from '../components/data-table.tsx'
import { EmptyState } from '../components/empty-state.tsx'
import { type Text, useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { TargetNetwork } from './target-network.tsx'
import { targetLook } from './target-state.ts'
import '../styles/table.css'

type Target = ProjectDetail['targets'][number]

/** Each namespace of the project: where it is, what it is for, and whether it is there. */
export function TargetsPanel({ targets }: { targets: readonly Target[] }) {
  const text = useText()
  const { t } = text
  const { names } = useClusterFilter()
  const rows = targets.filter(({ cluster }) => names === undefined || names.includes(cluster))
  return (
    <div className="panel list-panel">
      {targets.length === 0 ? (
        <EmptyState title={t.projects.noTargets} hint={t.projects.noTargetsHint} />
      ) : rows.length === 0 ? (
        <EmptyState title={t.empty.filteredOut} hint={t.empty.filteredOutHint(0, targets.length)} />
      ) : (
        <DataTable
          label={t.projects.targetsTable}
          rows={rows}
          columns={columns(text)}
          keyOf={({ cluster, namespace }) => `${cluster}/${namespace}`}
          rowClass={({ state }) => (state === 'Unknown' ? 'hatched' : '')}
        />
      )}
    </div>
  )
}

const columns = ({ t }: Text): Column<Target>[] => [
  {
    id: 'cluster',
    title: t.projects.cluster,
    render: ({ cluster }) => (
      <Link className="name" to={`/fleet/${cluster}`}>
        {cluster}
      </Link>
    ),
  },
  { id: 'namespace', title: t.projects.namespace, render: ({ namespace }) => <span className="v">{namespace}</span> },
  {
    id: 'environment',
    title: t.projects.environment,
    render: ({ environment }) => (
      <span className="labels">{environment !== undefined && <span className="tag">{environment}</span>}</span>
    ),
  },
  {
    id: 'state',
    title: t.workspaces.state,
    render: ({ state }) => (
      <span className="status">
        <StatusIcon look={targetLook[state]} />
        <span className={targetLook[state]}>{t.projects.states[state]}</span>
      </span>
    ),
  },
  {
    id: 'network',
    title: t.network.column,
    render: ({ network, state }) => <TargetNetwork network={network} state={state} />,
  },
  {
    id: 'message',
    title: t.projects.message,
    render: ({ message, network }) => {
      const text = message ?? (network?.state === 'Isolated' ? undefined : network?.message)
      return (
        <span className="muted" title={text}>
          {text}
        </span>
      )
    },
  },
]
