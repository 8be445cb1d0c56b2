import { createWatch, type KubeClient, type Watch } from '@flotilla/kube'
import { type LiveVersion, liveVersionOf } from '@flotilla/engine'
import {
  annotations,
  isRecord,
  type Known,
  known,
  type KubeObject,
  labels,
  type ObjectRef,
  refKey,
  refOf,
  unknown,
} from '@flotilla/model'
import { type ClusterSight, type NamespaceSight, type OwnedSight, sightOf } from '@flotilla/reconcile'

/** Kinds of which Flotilla keeps objects of its own in a cluster, beside namespaces. */
const ownKinds = [
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole' },
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRoleBinding' },
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'RoleBinding' },
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role' },
  { group: '', version: 'v1', kind: 'Secret' },
  { group: '', version: 'v1', kind: 'ResourceQuota' },
  { group: '', version: 'v1', kind: 'LimitRange' },
]
/** Nothing runs in the host's own namespaces. */
const memberKinds = [...ownKinds, { group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy' }]

export interface SightWatch {
  /** Unknown until everything was listed once, and while any of the watches is behind. */
  sight(): Known<ClusterSight>
  /** Which version of an object of ours, or of a namespace, is there. */
  live(ref: ObjectRef): Known<LiveVersion | undefined>
  /** Resolves when everything was listed once. */
  synced(signal: AbortSignal): Promise<void>
  close(): void
}

interface NamespaceItem extends NamespaceSight {
  readonly resourceVersion: string
}

/** Watches the namespaces of a cluster and what of the platform's own is in it. */
export function watchSight(
  client: KubeClient,
  side: 'host' | 'member',
  onChange: () => void,
  signal?: AbortSignal,
): SightWatch {
  const kinds = side === 'host' ? ownKinds : memberKinds
  // asked for much more often than it changes
  let seen: ClusterSight | undefined
  const changed = (): void => {
    seen = undefined
    onChange()
  }
  const namespaces = createWatch<NamespaceItem>({
    client,
    kind: { group: '', version: 'v1', kind: 'Namespace' },
    signal,
    project: namespaceItem,
    onEvent: changed,
    onState: changed,
  })
  const own = kinds.map((kind) =>
    createWatch<OwnedSight>({
      client,
      kind,
      labelSelector: labels.managed,
      signal,
      // a list leaves out what each object is
      project: (object) =>
        ownedSight({ ...object, apiVersion: kind.group === '' ? 'v1' : `${kind.group}/v1`, kind: kind.kind }),
      onEvent: (change) => {
        // what is used moves with every pod, and whoever shows it looks again from time to time
        if (change.type === 'modified' && sameButUsed(change.previous, change.object)) seen = undefined
        else changed()
      },
      onState: changed,
    }),
  )
  const watches: readonly Watch<unknown>[] = [namespaces, ...own]

  const behind = (): string | undefined => {
    for (const { state, kind } of watches) {
      if (state.state === 'synced') continue
      const reason = 'reason' in state && state.reason !== undefined ? `: ${state.reason}` : ''
      return `${kind.kind} objects of ${client.name} are not seen now${reason}`
    }
    return undefined
  }
  return {
    sight: () => {
      const reason = behind()
      if (reason !== undefined) return unknown(reason)
      if (seen === undefined) {
        const owned = own.flatMap((watch) => [...watch.objects.values()]).filter(({ owner }) => owner !== '')
        seen = sightOf(side, { namespaces: namespaces.objects, owned })
      }
      return known(seen)
    },
    live: (ref) => {
      const reason = behind()
      if (reason !== undefined) return unknown(reason)
      if (ref.kind === 'Namespace' && ref.group === '') return known(namespaces.objects.get(ref.name))
      const at = kinds.findIndex(({ group, kind }) => group === ref.group && kind === ref.kind)
      if (at < 0) return unknown(`${ref.kind} is not watched`)
      const key = ref.namespace === '' ? ref.name : `${ref.namespace}/${ref.name}`
      const seen = own[at]?.objects.get(key)
      return known(seen !== undefined && refKey(seen.ref) === refKey(ref) ? seen : undefined)
    },
    synced: async (waiting) => void (await Promise.all(watches.map((watch) => watch.synced(waiting)))),
    close: () => watches.forEach((watch) => watch.close()),
  }
}

function namespaceItem({ metadata }: KubeObject): NamespaceItem {
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    owner: metadata.labels?.[labels.owner],
    project: metadata.labels?.[labels.project],
    adopt: metadata.annotations?.[annotations.adopt],
    adopted: metadata.annotations?.[annotations.adopted] === 'true',
    deleting: metadata.deletionTimestamp !== undefined,
    probe: metadata.labels?.[labels.probe] !== undefined,
  }
}

const sameButUsed = (a: OwnedSight, b: OwnedSight): boolean =>
  b.quota !== undefined && a.uid === b.uid && a.resourceVersion === b.resourceVersion && a.deleting === b.deleting

function ownedSight(object: KubeObject): OwnedSight {
  const { metadata } = object
  const { hard } = recordOf(object['spec'])
  const { used } = recordOf(object['status'])
  return {
    ref: refOf(object),
    ...liveVersionOf(object),
    owner: metadata.labels?.[labels.owner] ?? '',
    deleting: metadata.deletionTimestamp !== undefined,
    ...(object.kind === 'ResourceQuota' ? { quota: { hard: textsOf(hard), used: textsOf(used) } } : {}),
  }
}

const recordOf = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {})

function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(recordOf(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
