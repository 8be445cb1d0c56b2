import type { Clock, KubeClient } from '@flotilla/kube'
import type { AppliedMemory, Log } from '@flotilla/engine'
import type { FleetConnections } from './connections.ts'
import type { HostState } from './host-state.ts'
import type { Members } from './members.ts'
import type { SightWatch } from './sight-watch.ts'

/** What the controllers of the fleet need. */
export interface FleetDeps {
  readonly host: KubeClient
  readonly state: HostState
  readonly fleet: FleetConnections
  readonly members: Members
  /** The platform's own objects in the host. */
  readonly hostSight: SightWatch
  readonly hostMemory: AppliedMemory
  readonly clock: Clock
  readonly log: Log
}

export const nowOf = (clock: Clock): string => new Date(clock.now()).toISOString()

/** Splits `namespace/name`; a cluster-scoped key is `/name`. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/')
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}
