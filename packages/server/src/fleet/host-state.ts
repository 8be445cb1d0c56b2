import {
  Application,
  Approval,
  Cluster,
  ComponentVersion,
  Credential,
  CustomRole,
  Delivery,
  group,
  IdentityProvider,
  Membership,
  Plan,
  Move,
  Project,
  Release,
  Rollout,
  User,
  version,
  Workspace,
} from '@flotilla/model'
import type { KubeClient } from '@flotilla/kube'
import type { Log } from '@flotilla/engine'
import type { z } from 'zod'
import { createHostKind, type HostKindWatch } from './host-kind.ts'

/** A watched, parsed copy of one kind of the host cluster. An object that does not parse is left out and reported, never thrown. */
export interface HostKind<T> {
  get(namespace: string, name: string): T | undefined
  list(namespace?: string): readonly T[]
  /**
   * Called with the key of what changed (`namespace/name`, or `/name`); also once per object after the first list, and
   * for a listener that comes later once per object that is there. Returns the way to stop listening.
   */
  onChange(listener: (key: string, object: T | undefined) => void): () => void
  /**
   * Keys of objects that exist but cannot be read, with the reason. They are absent from `get` and `list`: whoever
   * deletes because of an absence must look here first, since what cannot be read is not gone.
   */
  readonly unreadable: ReadonlyMap<string, string>
}

/** What is declared, watched in the host cluster. Reads are from memory; `synced` resolves after the first lists. */
export interface HostState {
  readonly clusters: HostKind<Cluster>
  readonly workspaces: HostKind<Workspace>
  readonly projects: HostKind<Project>
  readonly identityProviders: HostKind<IdentityProvider>
  readonly users: HostKind<User>
  readonly memberships: HostKind<Membership>
  readonly customRoles: HostKind<CustomRole>
  readonly credentials: HostKind<Credential>
  readonly applications: HostKind<Application>
  readonly deliveries: HostKind<Delivery>
  readonly componentVersions: HostKind<ComponentVersion>
  readonly releases: HostKind<Release>
  readonly plans: HostKind<Plan>
  readonly rollouts: HostKind<Rollout>
  readonly approvals: HostKind<Approval>
  readonly moves: HostKind<Move>
  synced(signal: AbortSignal): Promise<void>
}

export interface HostStateOptions {
  readonly client: KubeClient
  readonly log: Log
  readonly signal: AbortSignal
}

/** Starts one watch per kind; they end with the signal. */
export function createHostState({ client, log, signal }: HostStateOptions): HostState {
  const started: HostKindWatch<unknown>[] = []
  function watched<T>(kind: string, schema: z.ZodType<T>): HostKind<T> {
    const hostKind = createHostKind({ client, kind: { group, version, kind }, schema, log, signal })
    started.push(hostKind)
    return hostKind
  }
  return {
    clusters: watched('Cluster', Cluster),
    workspaces: watched('Workspace', Workspace),
    projects: watched('Project', Project),
    identityProviders: watched('IdentityProvider', IdentityProvider),
    users: watched('User', User),
    memberships: watched('Membership', Membership),
    customRoles: watched('CustomRole', CustomRole),
    credentials: watched('Credential', Credential),
    applications: watched('Application', Application),
    deliveries: watched('Delivery', Delivery),
    componentVersions: watched('ComponentVersion', ComponentVersion),
    releases: watched('Release', Release),
    plans: watched('Plan', Plan),
    rollouts: watched('Rollout', Rollout),
    approvals: watched('Approval', Approval),
    moves: watched('Move', Move),
    synced: async (waiting) => {
      await Promise.all(started.map((hostKind) => hostKind.synced(waiting)))
    },
  }
}
