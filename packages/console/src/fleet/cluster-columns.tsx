import type { ClusterRow } from '@flotilla/api'
import { Link } from 'react-router'
import type { Column } from '../components/data-table.tsx'
import { Labels } from '../components/labels.tsx'
import { Time } from '../components/time.tsx'
import type { Text } from '../i18n/text.ts'
import { Capacity } from './capacity.tsx'
import { ConnectionStatus } from './connection-status.tsx'

/** The columns of the fleet. What was seen before a cluster was lost stays, hatched. */
export function clusterColumns({ t, f }: Text, to: (name: string) => string): Column<ClusterRow>[] {
  return [
    {
      id: 'name',
      title: t.fleet.cluster,
      sort: 'name',
      render: (row) => (
        <>
          <Link className="name" to={to(row.name)}>
            {row.name}
          </Link>
          {row.edge && <span className="tag"> {t.fleet.edge}</span>} <span className="sub">{row.displayName}</span>
        </>
      ),
    },
    {
      id: 'state',
      title: t.fleet.state,
      sort: 'state',
      render: (row) => <ConnectionStatus connection={row.connection} />,
    },
    {
      id: 'version',
      title: t.fleet.version,
      sort: 'version',
      render: (row) => <span className="v">{row.version ?? '—'}</span>,
    },
    {
      id: 'nodes',
      title: t.fleet.nodes,
      sort: 'nodes',
      render: ({ nodes }) => (nodes === undefined ? '—' : t.fleet.nodesReady(nodes.ready, nodes.total)),
    },
    { id: 'cpu', title: t.fleet.cpu, render: (row) => <Capacity row={row} of="cpu" /> },
    { id: 'memory', title: t.fleet.memory, render: (row) => <Capacity row={row} of="memory" /> },
    { id: 'pods', title: t.fleet.pods, render: (row) => <Capacity row={row} of="pods" /> },
    {
      id: 'deliveries',
      title: t.fleet.deliveries,
      render: ({ deliveries: { total, healthy } }) =>
        total === 0 ? <span className="faint">—</span> : `${f.number(healthy)} / ${f.number(total)}`,
    },
    { id: 'labels', title: t.fleet.labels, render: (row) => <Labels labels={row.labels} most={2} /> },
    { id: 'since', title: t.fleet.since, sort: 'since', render: (row) => <Time at={row.connection.since} /> },
  ]
}
