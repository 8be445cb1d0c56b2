import type { Application, Cluster, Credential, Delivery, Membership, Project, User, Workspace } from '@flotilla/model'

/** A watched, parsed copy of one kind of the host cluster. An object that does not parse is left out and reported, never thrown. */
export interface HostKind<T> {
  get(namespace: string, name: string): T | undefined
  list(namespace?: string): readonly T[]
  /** Called with the key of what changed (`namespace/name`, or `/name`); also once per object after the first list. */
  onChange(listener: (key: string, object: T | undefined) => void): () => void
}

/** What is declared, watched in the host cluster. Reads are from memory; `synced` resolves after the first lists. */
export interface HostState {
  readonly clusters: HostKind<Cluster>
  readonly workspaces: HostKind<Workspace>
  readonly projects: HostKind<Project>
  readonly users: HostKind<User>
  readonly memberships: HostKind<Membership>
  readonly credentials: HostKind<Credential>
  readonly applications: HostKind<Application>
  readonly deliveries: HostKind<Delivery>
  synced(signal: AbortSignal): Promise<void>
}
