import type { ResourceName, ResourceRow } from '@flotilla/api'
import { Link } from 'react-router'
import type { Column } from '../components/data-table.tsx'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import type { Text } from '../i18n/text.ts'
import { lookOf } from '../status/health-look.ts'
import { StatusIcon } from '../status/status-icon.tsx'

interface Links {
  /** The row beside the list. */
  readonly open: (row: ResourceRow) => string
  /** The same list, narrowed. */
  readonly only: (name: string, value: string) => string
}

type RowColumn = Column<ResourceRow>

/** The columns of a kind. */
export function resourceColumns(kind: ResourceName, { t, f }: Text, links: Links): RowColumn[] {
  const words = t.resources
  const name: RowColumn = {
    id: 'name',
    title: words.name,
    sort: 'name',
    render: (row) => (
      <Link className="name" to={links.open(row)}>
        {row.name}
      </Link>
    ),
  }
  const cluster: RowColumn = { id: 'cluster', title: words.cluster, sort: 'cluster', render: (row) => row.cluster }
  const namespace: RowColumn = {
    id: 'namespace',
    title: words.namespace,
    sort: 'namespace',
    render: (row) => <Link to={links.only('namespace', row.namespace)}>{row.namespace}</Link>,
  }
  const state: RowColumn = {
    id: 'state',
    title: words.state,
    sort: 'state',
    render: (row) => <State row={row} />,
  }
  const ready: RowColumn = {
    id: 'ready',
    title: words.ready,
    sort: 'ready',
    render: (row) => (row.wanted === undefined ? '' : `${f.number(row.ready ?? 0)}/${f.number(row.wanted)}`),
  }
  const age: RowColumn = {
    id: 'age',
    title: words.age,
    sort: 'created',
    render: ({ createdAt }) => createdAt !== undefined && <Time at={createdAt} as="span" />,
  }
  const count = (title: string): RowColumn => ({
    id: 'count',
    title,
    sort: 'count',
    end: true,
    render: (row) => (row.count === undefined ? '' : f.number(row.count)),
  })
  const last = (title: string): RowColumn => ({
    id: 'last',
    title,
    sort: 'last',
    render: ({ lastAt }) => lastAt !== undefined && <Time at={lastAt} />,
  })
  const detail = (title: string): RowColumn => ({
    id: 'detail',
    title,
    sort: 'detail',
    render: (row) => <span className="v">{visibleText(row.detail ?? '')}</span>,
  })
  const address: RowColumn = {
    id: 'address',
    title: words.address,
    sort: 'address',
    render: (row) => <span className="v">{row.address}</span>,
  }
  const image: RowColumn = {
    id: 'image',
    title: words.image,
    sort: 'image',
    render: ({ images }) => (
      <span className="v" title={images.join('\n')}>
        {visibleText(images[0] ?? '')}
        {images.length > 1 && <span className="sub"> +{images.length - 1}</span>}
      </span>
    ),
  }
  const message: RowColumn = {
    id: 'message',
    title: words.message,
    sort: 'message',
    render: (row) => <span title={row.message}>{visibleText(row.message ?? '')}</span>,
  }
  const node: RowColumn = {
    id: 'node',
    title: words.node,
    sort: 'node',
    render: (row) => row.node !== undefined && <Link to={links.only('node', row.node)}>{row.node}</Link>,
  }
  switch (kind) {
    case 'pods':
      return [name, cluster, namespace, state, ready, count(words.restarts), node, image, age]
    case 'deployments':
    case 'statefulsets':
    case 'daemonsets':
      return [name, cluster, namespace, state, ready, image, message, age]
    case 'jobs':
      return [name, cluster, namespace, state, ready, last(words.ended), image, age]
    case 'cronjobs':
      return [name, cluster, namespace, state, detail(words.schedule), count(words.running), last(words.ran), age]
    case 'nodes':
      return [
        name,
        cluster,
        state,
        { id: 'roles', title: words.roles, sort: 'owner', render: (row) => row.owner },
        detail(words.version),
        address,
        message,
        age,
      ]
    case 'services':
      return [name, cluster, namespace, state, address, detail(words.ports), age]
    case 'events':
      return [
        last(words.last),
        state,
        cluster,
        namespace,
        {
          id: 'about',
          title: words.about,
          sort: 'owner',
          render: (row) => (
            <Link className="name" to={links.open(row)}>
              {row.owner}
            </Link>
          ),
        },
        detail(words.reason),
        message,
        count(words.count),
      ]
    default:
      return kind satisfies never
  }
}

/** The cluster's own word, with the shape of what we make of it. */
export function State({ row }: { row: ResourceRow }) {
  const look = row.health === undefined ? (row.state === 'Warning' ? 'degraded' : 'healthy') : lookOf(row.health)
  return (
    <span className="status" title={row.message}>
      <StatusIcon look={look} />
      <span className={look}>{visibleText(row.state)}</span>
    </span>
  )
}
