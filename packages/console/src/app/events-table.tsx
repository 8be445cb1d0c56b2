import type { EventRow, RouteQuery } from '@flotilla/api'
import { useQuery } from '@tanstack/react-query'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Failures } from '../components/failures.tsx'
import { Problem } from '../components/problem.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import { type Text, useText } from '../i18n/text.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import '../styles/table.css'

interface EventsTableProps {
  readonly project: string
  readonly application: string
  readonly part: NonNullable<RouteQuery<'applications.events'>>
}

const againMs = 10_000

const columns = ({ t }: Text): Column<EventRow>[] => [
  {
    id: 'type',
    title: t.app.type,
    render: ({ type }) => (
      <span className="status">
        <StatusIcon look={type === 'Warning' ? 'degraded' : 'healthy'} />
        {type}
      </span>
    ),
  },
  { id: 'cluster', title: t.app.cluster, render: ({ cluster }) => cluster },
  {
    id: 'object',
    title: t.app.object,
    render: ({ object }) => (
      <>
        <span className="muted">{object.kind}</span> {object.name}
      </>
    ),
  },
  { id: 'reason', title: t.app.reason, render: ({ reason }) => visibleText(reason) },
  { id: 'message', title: t.app.message, render: ({ message }) => <span title={message}>{visibleText(message)}</span> },
  { id: 'count', title: t.app.count, end: true, render: ({ count }) => count },
  { id: 'last', title: t.app.last, render: ({ lastAt }) => lastAt !== undefined && <Time at={lastAt} /> },
]

/** What happened to an application's objects and pods, newest first. */
export function EventsTable({ project, application, part }: EventsTableProps) {
  const text = useText()
  const events = useQuery({
    queryKey: keys.ofApplication(project, application, 'events', part),
    queryFn: ({ signal }) => api.applications.events({ params: { project, application }, query: part, signal }),
    refetchInterval: againMs,
    staleTime: 0,
  })
  if (events.isPending) return <SkeletonRows />
  if (events.isError) return <Problem error={events.error} />
  const { items, failures } = events.data
  return (
    <>
      <Failures failures={failures} />
      {items.length === 0 && failures.length === 0 && <div className="panel-empty">{text.t.app.noEvents}</div>}
      {items.length > 0 && (
        <DataTable
          label={text.t.app.events}
          rows={items}
          columns={columns(text)}
          keyOf={(row) =>
            [row.cluster, row.namespace, row.object.kind, row.object.name, row.reason, row.message].join('/')
          }
        />
      )}
    </>
  )
}
