import type { KubeObject } from '@flotilla/model'
import type { HostKind, HostState } from '../../fleet/host-state.ts'
import type { ClusterEntry, FleetConnections } from '../../fleet/connections.ts'

type Keyed = { metadata: { name: string; namespace?: string | undefined } }

/** A kind of the host, held in memory: stands for the watched one, with the same contract. */
export class MemoryKind<T extends Keyed> implements HostKind<T> {
  readonly unreadable: ReadonlyMap<string, string> = new Map()
  readonly #objects = new Map<string, T>()
  readonly #listeners = new Set<(key: string, object: T | undefined) => void>()

  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(`${namespace}/${name}`)
  }

  list(namespace?: string): readonly T[] {
    const all = [...this.#objects.values()]
    return namespace === undefined ? all : all.filter((object) => (object.metadata.namespace ?? '') === namespace)
  }

  onChange(listener: (key: string, object: T | undefined) => void): () => void {
    this.#listeners.add(listener)
    for (const [key, object] of this.#objects) listener(key, object)
    return () => this.#listeners.delete(listener)
  }

  put(object: T): void {
    const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
    this.#objects.set(key, object)
    for (const listener of this.#listeners) listener(key, object)
  }

  remove(namespace: string, name: string): void {
    const key = `${namespace}/${name}`
    this.#objects.delete(key)
    for (const listener of this.#listeners) listener(key, undefined)
  }
}

export type MemoryState = {
  readonly [K in keyof Omit<HostState, 'synced'>]: HostState[K] extends HostKind<infer T>
    ? T extends Keyed
      ? MemoryKind<T>
      : never
    : never
} & Pick<HostState, 'synced'>

export function memoryState(): MemoryState {
  return {
    clusters: new MemoryKind(),
    workspaces: new MemoryKind(),
    projects: new MemoryKind(),
    identityProviders: new MemoryKind(),
    users: new MemoryKind(),
    memberships: new MemoryKind(),
    customRoles: new MemoryKind(),
    credentials: new MemoryKind(),
    applications: new MemoryKind(),
    deliveries: new MemoryKind(),
    componentVersions: new MemoryKind(),
    releases: new MemoryKind(),
    plans: new MemoryKind(),
    rollouts: new MemoryKind(),
    approvals: new MemoryKind(),
    moves: new MemoryKind(),
    synced: () => Promise.resolve(),
  }
}

/** Connections in memory; `say` changes what is known of a cluster. */
export class MemoryFleet implements Pick<FleetConnections, 'list' | 'get' | 'onChange'> {
  readonly #entries = new Map<string, ClusterEntry>()
  readonly #listeners = new Set<(cluster: string) => void>()

  list(): readonly ClusterEntry[] {
    return [...this.#entries.values()]
  }

  get(cluster: string): ClusterEntry | undefined {
    return this.#entries.get(cluster)
  }

  onChange(listener: (cluster: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  say(name: string, connection: ClusterEntry['connection']): void {
    this.#entries.set(name, { name, labels: {}, edge: false, connection })
    for (const listener of this.#listeners) listener(name)
  }
}

export const anyObject = (object: unknown): KubeObject => object as KubeObject
