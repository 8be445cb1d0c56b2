import type { ResourceName } from '@flotilla/api'
import type { Clock, Identity, KubeClient } from '@flotilla/kube'
import { type Log } from '@flotilla/engine'
import type { Places } from '../../access/rbac/rbac-view.ts'
import type { FleetConnections } from '../connections.ts'
import { ClusterRights } from './cluster-rights.ts'
import { indexedKinds } from './indexed-kinds.ts'
import { KindRows, type RowBudget, type RowsState } from './kind-rows.ts'
import type { SlimRow } from './slim-row.ts'

/** Slim rows of the objects of every cluster, watched from when somebody asks until nobody has asked for a while. */
export interface ResourceIndex {
  /** Rows of a kind in these clusters as far as they are known; what is not watched is watched from now on. */
  ask(kind: ResourceName, clusters: readonly string[]): readonly AskedRows[]
  /**
   * Waits until they were all read once, at most so long after they were first asked for. One that is away, or whose
   * reading failed, is not waited for.
   */
  settle(asked: readonly AskedRows[], ms: number, signal: AbortSignal): Promise<void>
  onRow(listener: (change: RowChange) => void): () => void
  /** How true the rows of a kind in a cluster are has changed. */
  onState(listener: (kind: ResourceName, cluster: string) => void): () => void
  readonly numbers: { readonly watches: number; readonly rows: number }
  close(): void
}

export interface AskedRows {
  readonly cluster: string
  readonly rows: ReadonlyMap<string, SlimRow>
  readonly state: RowsState
  /** Where the person may do this with objects of the kind; undefined while the cluster's roles were not read. */
  places(identity: Identity, verb: 'list' | 'watch'): Places | undefined
  readonly settled: Promise<unknown>
  /** When it was first asked for, by `Clock.elapsed`. */
  readonly startedAt: number
}

export interface RowChange {
  readonly kind: ResourceName
  readonly cluster: string
  /** `namespace/name`, or the name. */
  readonly key: string
  /** Undefined: it is gone. */
  readonly row: SlimRow | undefined
  readonly before: SlimRow | undefined
}

export interface IndexLimits {
  /** Rows of all clusters and kinds. */
  readonly rows: number
  /** Kinds of clusters that are watched at the same time. */
  readonly watches: number
  /** What nobody asked for in this time is let go. */
  readonly idleMs: number
}

export const defaultIndexLimits: IndexLimits = { rows: 400_000, watches: 1500, idleMs: 5 * 60_000 }

export interface ResourceIndexOptions {
  readonly fleet: Pick<FleetConnections, 'client' | 'get' | 'onChange'>
  readonly clock: Clock
  readonly log: Log
  readonly limits?: Partial<IndexLimits> | undefined
}

interface Watched {
  readonly kind: ResourceName
  readonly rows: KindRows
  readonly startedAt: number
  askedAt: number
}

interface Member {
  client: KubeClient
  readonly rights: ClusterRights
  readonly kinds: Map<ResourceName, Watched>
}

const sweepMs = 30_000
const none: ReadonlyMap<string, SlimRow> = new Map()

export function createResourceIndex(options: ResourceIndexOptions): ResourceIndex {
  const { fleet, clock, log } = options
  const limits = { ...defaultIndexLimits, ...options.limits }
  const budget: RowBudget = { used: 0, most: limits.rows }
  const members = new Map<string, Member>()
  const rowListeners = new Set<(change: RowChange) => void>()
  const stateListeners = new Set<(kind: ResourceName, cluster: string) => void>()
  let closed = false

  const countWatches = (): number => {
    let count = 0
    for (const { kinds } of members.values()) count += kinds.size
    return count
  }

  function letGo(cluster: string, member: Member, { kind, rows }: Watched): void {
    rows.close()
    member.kinds.delete(kind)
    if (member.kinds.size > 0) return
    member.rights.close()
    members.delete(cluster)
  }

  function sweep(): void {
    const before = clock.elapsed() - limits.idleMs
    for (const [cluster, member] of members) {
      for (const watched of member.kinds.values()) {
        if (watched.askedAt < before) letGo(cluster, member, watched)
        else watched.rows.sweep()
      }
    }
  }
  const sweeping = setInterval(sweep, Math.min(sweepMs, limits.idleMs))
  sweeping.unref()

  function memberOf(cluster: string): Member | undefined {
    const found = members.get(cluster)
    if (found !== undefined) return found
    const client = fleet.client(cluster)
    if (!client.known || closed) return undefined
    const member = { client: client.value, rights: new ClusterRights(client.value), kinds: new Map() }
    members.set(cluster, member)
    return member
  }

  const stopFollowing = fleet.onChange((cluster) => {
    const member = members.get(cluster)
    if (member === undefined) return
    const client = fleet.client(cluster)
    if (!client.known) {
      if (fleet.get(cluster) !== undefined) return
      for (const watched of member.kinds.values()) letGo(cluster, member, watched)
    } else if (client.value !== member.client) {
      member.client = client.value
      member.rights.renew(client.value)
      for (const { rows } of member.kinds.values()) rows.renew(client.value)
    }
  })

  function watch(kind: ResourceName, cluster: string, member: Member): Watched {
    const watched: Watched = {
      kind,
      startedAt: clock.elapsed(),
      askedAt: clock.elapsed(),
      rows: new KindRows({
        cluster,
        kind: indexedKinds[kind],
        client: member.client,
        clock,
        budget,
        onRow: (key, row, before) => {
          for (const listener of rowListeners) listener({ kind, cluster, key, row, before })
        },
        onState: () => {
          const { state } = watched.rows
          if (state.state === 'refused') log.warn('rows refused', { kind, cluster, reason: state.reason })
          for (const listener of stateListeners) listener(kind, cluster)
        },
      }),
    }
    member.kinds.set(kind, watched)
    return watched
  }

  function askOne(kind: ResourceName, cluster: string): AskedRows {
    const member = memberOf(cluster)
    if (member === undefined) {
      const reason = 'The cluster was not reached yet'
      return without(cluster, { state: 'reading', reason })
    }
    let watched = member.kinds.get(kind)
    if (watched === undefined && countWatches() >= limits.watches) {
      if (member.kinds.size === 0) {
        member.rights.close()
        members.delete(cluster)
      }
      const reason = `too many watches: the server holds ${limits.watches}. Narrow by cluster`
      return { ...without(cluster, { state: 'refused', reason }), places: placesIn(member, kind) }
    }
    watched ??= watch(kind, cluster, member)
    watched.askedAt = clock.elapsed()
    const { rows } = watched
    return {
      cluster,
      rows: rows.rows,
      get state() {
        return rows.state
      },
      places: placesIn(member, kind),
      settled: Promise.all([rows.settled, member.rights.settled]),
      startedAt: watched.startedAt,
    }
  }

  const placesIn =
    (member: Member, kind: ResourceName): AskedRows['places'] =>
    (identity, verb) =>
      member.rights.view.places(identity, { verb, group: indexedKinds[kind].group, resource: kind })

  return {
    ask: (kind, clusters) => clusters.map((cluster) => askOne(kind, cluster)),
    settle: async (asked, ms, signal) => {
      const waiting = asked.filter(
        ({ cluster, state, startedAt }) =>
          state.state === 'reading' &&
          state.reason === undefined &&
          clock.elapsed() - startedAt < ms &&
          fleet.get(cluster)?.connection.state === 'connected',
      )
      if (waiting.length === 0) return
      const enough = new AbortController()
      try {
        await Promise.race([
          Promise.all(waiting.map((one) => one.settled)),
          clock.sleep(ms, AbortSignal.any([signal, enough.signal])),
        ])
      } finally {
        enough.abort()
      }
    },
    onRow: (listener) => {
      rowListeners.add(listener)
      return () => rowListeners.delete(listener)
    },
    onState: (listener) => {
      stateListeners.add(listener)
      return () => stateListeners.delete(listener)
    },
    get numbers() {
      return { watches: countWatches(), rows: budget.used }
    },
    close: () => {
      closed = true
      clearInterval(sweeping)
      stopFollowing()
      for (const [cluster, member] of members)
        for (const watched of member.kinds.values()) letGo(cluster, member, watched)
    },
  }
}

const without = (cluster: string, state: RowsState): AskedRows => ({
  cluster,
  rows: none,
  state,
  places: () => undefined,
  settled: Promise.resolve(),
  startedAt: 0,
})
