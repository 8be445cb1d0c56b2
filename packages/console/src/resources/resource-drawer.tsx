import type { ResourceName } from '@flotilla/api'
import { Button, Drawer } from 'antd'
import { Failures } from '../components/failures.tsx'
import { Problem } from '../components/problem.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import { openLogs, openShell } from '../dock/dock-store.ts'
import { YamlView } from '../editor/yaml-view.tsx'
import { useText } from '../i18n/text.ts'
import { type ObjectPlace, useEventsOf, useManifest } from '../query/use-resources.ts'
import { State } from './resource-columns.tsx'
import '../fleet/cluster-facts.css'

/** What an event says that it is about, by the plural of the list. */
const kindOf: { readonly [K in ResourceName]: string } = {
  pods: 'Pod',
  deployments: 'Deployment',
  statefulsets: 'StatefulSet',
  daemonsets: 'DaemonSet',
  jobs: 'Job',
  cronjobs: 'CronJob',
  nodes: 'Node',
  services: 'Service',
  events: 'Event',
}

/** One object beside the list: what happened to it, and its YAML. */
export function ResourceDrawer({ place, onClose }: { place: ObjectPlace; onClose: () => void }) {
  const { t } = useText()
  const { kind, cluster, namespace, name } = place
  const manifest = useManifest(place)
  const logs = (previous: boolean) => openLogs({ clusters: [cluster], namespace, pod: name, previous })
  return (
    <Drawer
      open
      title={`${kindOf[kind]} ${name}`}
      onClose={onClose}
      size={640}
      extra={
        kind === 'pods' && (
          <div className="row">
            <Button size="small" onClick={() => logs(false)}>
              {t.app.logs}
            </Button>
            <Button size="small" onClick={() => logs(true)}>
              {t.app.previousLogs}
            </Button>
            <Button
              size="small"
              onClick={() => {
                openShell({ cluster, namespace, pod: name })
                // the terminal takes the keys, which the drawer would hold
                onClose()
              }}
            >
              {t.terminal.entry}
            </Button>
          </div>
        )
      }
    >
      <div className="facts">
        <p className="muted">{[cluster, namespace].filter((one) => one !== '').join(' · ')}</p>
        {kind !== 'events' && <Events place={place} />}
        <h3>{t.app.yaml}</h3>
        {manifest.isPending && <SkeletonRows />}
        {manifest.isError && <Problem error={manifest.error} />}
        {manifest.data !== undefined && <YamlView text={manifest.data.yaml} label={`${kindOf[kind]} ${name}`} />}
      </div>
    </Drawer>
  )
}

function Events({ place }: { place: ObjectPlace }) {
  const { t } = useText()
  const events = useEventsOf(`${kindOf[place.kind]}/${place.name}`, place)
  const { items = [], failures = [] } = events.data ?? {}
  return (
    <>
      <h3>{t.app.events}</h3>
      <Failures failures={failures} />
      {events.isError && <Problem error={events.error} />}
      {events.data !== undefined && items.length === 0 && <div className="muted">{t.app.noEvents}</div>}
      <ul className="plain-list">
        {items.map((row) => (
          <li key={row.name}>
            <State row={row} /> <b>{visibleText(row.detail ?? '')}</b> {visibleText(row.message ?? '')}{' '}
            <span className="sub">{row.lastAt !== undefined && <Time at={row.lastAt} />}</span>
          </li>
        ))}
      </ul>
    </>
  )
}
