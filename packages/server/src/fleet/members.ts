import type { Clock, KubeClient } from '@flotilla/kube'
import { AppliedMemory, type Log } from '@flotilla/engine'
import { type Known, unknown } from '@flotilla/model'
import type { ClusterFacts, ClusterSight } from '@flotilla/reconcile'
import type { FleetConnections } from './connections.ts'
import { type FactsWatch, watchFacts } from './facts-watch.ts'
import { type SightWatch, watchSight } from './sight-watch.ts'

/** What is seen in the members of the platform's own business: namespaces, our bindings and secrets, nodes and requests. */
export interface Members {
  sight(cluster: string): Known<ClusterSight>
  facts(cluster: string): Known<ClusterFacts>
  /** For `executeObjects`: what was applied there, and what a watch sees. Undefined before the cluster was ever connected. */
  workbench(cluster: string): { readonly memory: AppliedMemory; readonly live: SightWatch['live'] } | undefined
  /** Namespaces or objects of ours changed, or the cluster can be seen again, or no more. */
  onSight(listener: (cluster: string) => void): () => void
  onFacts(listener: (cluster: string) => void): () => void
}

interface Member {
  readonly client: KubeClient
  readonly sight: SightWatch
  readonly facts: FactsWatch
  readonly memory: AppliedMemory
}

export interface MembersOptions {
  readonly fleet: FleetConnections
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** Starts watching a member when it is connected for the first time; a lost one is kept as it was last seen, as unknown. */
export function createMembers({ fleet, clock, log, signal }: MembersOptions): Members {
  const members = new Map<string, Member>()
  const sightListeners = new Set<(cluster: string) => void>()
  const factsListeners = new Set<(cluster: string) => void>()

  function close(name: string): void {
    const member = members.get(name)
    member?.sight.close()
    member?.facts.close()
    members.delete(name)
  }

  function follow(name: string): void {
    const client = fleet.client(name)
    const before = members.get(name)
    if (before !== undefined && (!client.known || client.value !== before.client)) close(name)
    if (!client.known || members.has(name) || fleet.get(name)?.connection.state !== 'connected') return
    const of = client.value
    members.set(name, {
      client: of,
      memory: new AppliedMemory(),
      sight: watchSight(of, 'member', () => sightListeners.forEach((listener) => listener(name))),
      facts: watchFacts({
        client: of,
        clock,
        log,
        onChange: () => factsListeners.forEach((listener) => listener(name)),
      }),
    })
  }

  fleet.onChange(follow)
  for (const { name } of fleet.list()) follow(name)
  signal.addEventListener('abort', () => [...members.keys()].forEach(close))

  const sight = (name: string): Known<ClusterSight> => {
    const entry = fleet.get(name)
    if (entry === undefined) return unknown(`There is no cluster ${name}`)
    if (entry.connection.state === 'lost') return unknown(entry.connection.reason)
    return members.get(name)?.sight.sight() ?? unknown(`${name} has not been reached yet`)
  }
  return {
    sight,
    facts: (name) => members.get(name)?.facts.facts(sight(name)) ?? unknown(`${name} has not been reached yet`),
    workbench: (name) => {
      const member = members.get(name)
      return member === undefined ? undefined : { memory: member.memory, live: member.sight.live }
    },
    onSight: (listener) => {
      sightListeners.add(listener)
      return () => sightListeners.delete(listener)
    },
    onFacts: (listener) => {
      factsListeners.add(listener)
      return () => factsListeners.delete(listener)
    },
  }
}
