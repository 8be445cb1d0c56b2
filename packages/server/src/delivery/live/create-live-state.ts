import type { Clock } from '@flotilla/kube'
import { type Known, type ObjectRef, refKey, unknown } from '@flotilla/model'
import type { HashKey, ReleaseSight } from '@flotilla/reconcile'
import type { FleetConnections } from '../../fleet/connections.ts'
import type { LiveObject, LiveState } from '../live-state.ts'
import { ClusterLive, kindKey, mostKinds, type WatchedKind } from './cluster-live.ts'
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
  /** Kinds that are watched, with how many deliveries want each. */
  readonly kinds: Map<string, { readonly kind: WatchedKind; wanted: number }>
  /** Kinds of each delivery. */
  readonly wants: Map<string, ReadonlyMap<string, WatchedKind>>
  wantsReleases: boolean
}

const watchedOf = (wanted: ReadonlyMap<string, WatchedKind>) => [...wanted].slice(0, mostKinds)

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
    connect(cluster, member)?.want(Array.from(member.kinds.values(), ({ kind }) => kind))
    tellAll(cluster, member)
  })
  signal.addEventListener('abort', () => {
    stop()
    for (const member of members.values()) close(member)
  })

  function wantFor(cluster: string, uid: string, kinds: readonly WatchedKind[]): void {
    const member = memberOf(cluster)
    const before = member.wants.get(uid)
    const wanted = new Map(kinds.map((kind) => [kindKey(kind), kind]))
    member.wants.set(uid, wanted)
    const watched = watchedOf(wanted)
    for (const [key, kind] of watched) {
      const entry = member.kinds.get(key) ?? { kind, wanted: 0 }
      entry.wanted++
      member.kinds.set(key, entry)
    }
    release(member, before)
    connect(cluster, member)?.want(watched.map(([, kind]) => kind))
  }

  /** What no other delivery wants is no longer watched. */
  function release(member: Member, wanted: ReadonlyMap<string, WatchedKind> | undefined): void {
    for (const [key] of watchedOf(wanted ?? new Map<string, WatchedKind>())) {
      const entry = member.kinds.get(key)
      if (entry === undefined || --entry.wanted > 0) continue
      member.kinds.delete(key)
      member.live?.drop(key)
    }
  }

  function objects(cluster: string, uid: string): Known<readonly LiveObject[]> {
    const entry = fleet.get(cluster)
    if (entry === undefined) return unknown(`There is no cluster ${cluster}`)
    if (entry.connection.state === 'lost') return unknown(entry.connection.reason)
    const member = members.get(cluster)
    return member?.live?.objects(uid, member.wants.get(uid)?.keys()) ?? unknown('not looked at yet')
  }

  return {
    objects,
    wantFor,
    forget: (cluster, uid) => {
      const member = members.get(cluster)
      if (member === undefined) return
      const wanted = member.wants.get(uid)
      member.wants.delete(uid)
      release(member, wanted)
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
