import type { Clock } from '@flotilla/kube'
import { type Known, type ObjectRef, refKey, unknown } from '@flotilla/model'
import type { HashKey, ReleaseSight } from '@flotilla/reconcile'
import type { FleetConnections } from '../../fleet/connections.ts'
import type { LiveObject, LiveState } from '../live-state.ts'
import { ClusterLive, kindKey, type WatchedKind } from './cluster-live.ts'
import { ReleaseWatch } from './release-watch.ts'

export interface LiveStateDeps {
  readonly fleet: FleetConnections
  /** Keys the content hashes: they cover Secrets, and are kept in members. */
  readonly digestKey: HashKey
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** `LiveState`, and what the delivery side needs besides. */
export interface DeliveryLiveState extends LiveState {
  /** Kinds asked for by name are those of this delivery from now on: it is known when they are, whatever the others'. */
  wantFor(cluster: string, deliveryUid: string, kinds: readonly WatchedKind[]): void
  /** A delivery is gone. */
  forget(cluster: string, deliveryUid: string): void
  noteScaled(cluster: string, ref: ObjectRef, scaled: boolean): void
  /** Newest record per Helm release of a namespace; the first question starts the watch. */
  releases(cluster: string, namespace: string): Known<ReadonlyMap<string, ReleaseSight>>
  onReleases(listener: (cluster: string, namespace: string) => void): () => void
}

interface Member {
  live: ClusterLive | undefined
  releases: ReleaseWatch | undefined
  readonly kinds: Map<string, WatchedKind>
  /** Kinds of each delivery. */
  readonly wants: Map<string, Set<string>>
  wantsReleases: boolean
}

/** Watches in members what was delivered there: nothing before it is asked for, one watch per kind, none twice. */
export function createLiveState({ fleet, digestKey, clock, signal }: LiveStateDeps): DeliveryLiveState {
  const members = new Map<string, Member>()
  const listeners = new Set<(cluster: string, deliveryUid: string) => void>()
  const releaseListeners = new Set<(cluster: string, namespace: string) => void>()

  const tell = (cluster: string, uid: string): void => listeners.forEach((listener) => listener(cluster, uid))
  const tellAll = (cluster: string, member: Member): void => {
    const uids = new Set([...member.wants.keys(), ...(member.live?.uids ?? [])])
    for (const uid of uids) tell(cluster, uid)
  }

  function memberOf(cluster: string): Member {
    const member = members.get(cluster) ?? {
      live: undefined,
      releases: undefined,
      kinds: new Map(),
      wants: new Map(),
      wantsReleases: false,
    }
    members.set(cluster, member)
    return member
  }

  /** A cluster may get another client: another address or another identity. */
  function connect(cluster: string, member: Member): ClusterLive | undefined {
    if (signal.aborted) return undefined
    const client = fleet.client(cluster)
    if (member.live !== undefined && (!client.known || client.value !== member.live.client)) close(member)
    if (!client.known) return undefined
    member.live ??= new ClusterLive({
      client: client.value,
      hashKey: digestKey,
      clock,
      onChange: (uid) => tell(cluster, uid),
      onState: () => tellAll(cluster, member),
    })
    if (member.wantsReleases) {
      member.releases ??= new ReleaseWatch({
        client: client.value,
        clock,
        onChange: (namespace) => releaseListeners.forEach((listener) => listener(cluster, namespace)),
        onState: () => tellAll(cluster, member),
      })
    }
    return member.live
  }

  function close(member: Member): void {
    member.live?.close()
    member.releases?.close()
    member.live = undefined
    member.releases = undefined
  }

  const stop = fleet.onChange((cluster) => {
    const member = members.get(cluster)
    if (member === undefined) return
    if (fleet.get(cluster) === undefined) {
      close(member)
      tellAll(cluster, member)
      if (member.wants.size === 0) members.delete(cluster)
      return
    }
    connect(cluster, member)?.want(member.kinds.values())
    tellAll(cluster, member)
  })
  signal.addEventListener('abort', () => {
    stop()
    for (const member of members.values()) close(member)
  })

  function want(cluster: string, kinds: readonly WatchedKind[]): void {
    const member = memberOf(cluster)
    for (const kind of kinds) member.kinds.set(kindKey(kind), kind)
    connect(cluster, member)?.want(kinds)
  }

  function objects(cluster: string, uid: string): Known<readonly LiveObject[]> {
    const entry = fleet.get(cluster)
    if (entry === undefined) return unknown(`There is no cluster ${cluster}`)
    if (entry.connection.state === 'lost') return unknown(entry.connection.reason)
    const member = members.get(cluster)
    return member?.live?.objects(uid, member.wants.get(uid)) ?? unknown('not looked at yet')
  }

  return {
    objects,
    want,
    wantFor: (cluster, uid, kinds) => {
      const { wants } = memberOf(cluster)
      wants.set(uid, new Set(kinds.map(kindKey)))
      want(cluster, kinds)
    },
    forget: (cluster, uid) => {
      members.get(cluster)?.wants.delete(uid)
    },
    noteScaled: (cluster, ref, scaled) => members.get(cluster)?.live?.noteScaled(refKey(ref), scaled),
    releases: (cluster, namespace) => {
      const member = memberOf(cluster)
      member.wantsReleases = true
      connect(cluster, member)
      if (fleet.get(cluster)?.connection.state === 'lost') return unknown('the cluster is lost')
      return member.releases?.releases(namespace) ?? unknown('Helm records: not read yet')
    },
    onReleases: (listener) => {
      releaseListeners.add(listener)
      return () => releaseListeners.delete(listener)
    },
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
