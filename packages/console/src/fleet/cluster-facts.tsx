import type { ClusterDetail } from '@flotilla/api'
import { Link } from 'react-router'
import { Labels } from '../components/labels.tsx'
import { Time } from '../components/time.tsx'
import { useText } from '../i18n/text.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { Capacity } from './capacity.tsx'
import { ConnectionStatus } from './connection-status.tsx'
import { NetworkPolicy } from './network-policy.tsx'
import './cluster-facts.css'

/** What is known of a cluster. Of a lost one: what was last seen, hatched, and why it is lost. */
export function ClusterFacts({ cluster }: { cluster: ClusterDetail }) {
  const { t } = useText()
  const lost = cluster.connection.state === 'lost'
  return (
    <div className="facts">
      <dl className="kv">
        <dt>{t.fleet.state}</dt>
        <dd>
          <ConnectionStatus connection={cluster.connection} />
        </dd>
        {cluster.connection.state === 'lost' && (
          <>
            <dt>{t.app.why}</dt>
            <dd>{cluster.connection.reason}</dd>
          </>
        )}
        {cluster.message !== undefined && !lost && (
          <>
            <dt>{t.app.why}</dt>
            <dd>{cluster.message}</dd>
          </>
        )}
        <dt>{t.fleet.since}</dt>
        <dd>
          <Time at={cluster.connection.since} as="clock" />
        </dd>
        <dt>{t.fleet.version}</dt>
        <dd className="v">{cluster.version ?? '—'}</dd>
        <dt>{t.fleet.nodes}</dt>
        <dd>{cluster.nodes === undefined ? '—' : t.fleet.nodesReady(cluster.nodes.ready, cluster.nodes.total)}</dd>
        <dt>{t.fleet.server}</dt>
        <dd className="v">{cluster.server === '' ? t.fleet.throughAgent : cluster.server}</dd>
        <dt>{t.fleet.labels}</dt>
        <dd>
          <Labels labels={cluster.labels} most={20} />
        </dd>
        <dt>{t.network.policies}</dt>
        <dd>
          <NetworkPolicy measured={cluster.networkPolicy} />
        </dd>
        {cluster.lacks.length > 0 && (
          <>
            <dt>{t.fleet.lacks}</dt>
            <dd>{cluster.lacks.join(', ')}</dd>
          </>
        )}
      </dl>
      <h3>
        {t.fleet.capacity} <span className="sub">{lost && t.fleet.lastSeen}</span>
      </h3>
      <dl className={lost ? 'kv hatched capacity' : 'kv capacity'}>
        <dt>{t.fleet.cpu}</dt>
        <dd>
          <Capacity row={cluster} of="cpu" />
        </dd>
        <dt>{t.fleet.memory}</dt>
        <dd>
          <Capacity row={cluster} of="memory" />
        </dd>
        <dt>{t.fleet.pods}</dt>
        <dd>
          <Capacity row={cluster} of="pods" />
        </dd>
      </dl>
      <h3>{t.fleet.applications}</h3>
      {cluster.applications.length === 0 && <div className="muted">{t.fleet.noApplications}</div>}
      <ul className="plain-list">
        {cluster.applications.map(({ project, application, namespace }) => (
          <li key={`${project}/${application}/${namespace}`}>
            <Link to={`/apps/${project}/${application}`}>{application}</Link>
            <span className="sub"> {project}</span>
          </li>
        ))}
      </ul>
      {cluster.conditions.length > 0 && <h3>{t.fleet.conditions}</h3>}
      <ul className="plain-list">
        {cluster.conditions.map((condition) => (
          <li key={condition.type}>
            <StatusIcon
              look={condition.status === 'True' ? 'healthy' : condition.status === 'False' ? 'failed' : 'unknown'}
              label={condition.status}
            />{' '}
            {condition.type} <span className="sub">{condition.message}</span>{' '}
            <span className="sub">
              <Time at={condition.lastTransitionTime} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}
