import type { ResourceName } from '@flotilla/api'
import {
  cronJobRow,
  eventRow,
  jobRow,
  nodeRow,
  podRow,
  type Projection,
  serviceRow,
  workloadRow,
} from './project-row.ts'

export interface IndexedKind {
  readonly group: string
  readonly version: string
  readonly kind: string
  /** Plural, as rights name it. */
  readonly resource: ResourceName
  readonly project: Projection
  /** What passes by: the newest are kept, for so many seconds and so many of them in a cluster. */
  readonly passing?: { readonly seconds: number; readonly most: number }
}

/** The kinds of which the server keeps rows, by their plural. */
export const indexedKinds: { readonly [K in ResourceName]: IndexedKind } = {
  pods: { group: '', version: 'v1', kind: 'Pod', resource: 'pods', project: podRow },
  deployments: { group: 'apps', version: 'v1', kind: 'Deployment', resource: 'deployments', project: workloadRow },
  statefulsets: { group: 'apps', version: 'v1', kind: 'StatefulSet', resource: 'statefulsets', project: workloadRow },
  daemonsets: { group: 'apps', version: 'v1', kind: 'DaemonSet', resource: 'daemonsets', project: workloadRow },
  jobs: { group: 'batch', version: 'v1', kind: 'Job', resource: 'jobs', project: jobRow },
  cronjobs: { group: 'batch', version: 'v1', kind: 'CronJob', resource: 'cronjobs', project: cronJobRow },
  nodes: { group: '', version: 'v1', kind: 'Node', resource: 'nodes', project: nodeRow },
  services: { group: '', version: 'v1', kind: 'Service', resource: 'services', project: serviceRow },
  events: {
    group: '',
    version: 'v1',
    kind: 'Event',
    resource: 'events',
    project: eventRow,
    passing: { seconds: 3 * 60 * 60, most: 5000 },
  },
}
