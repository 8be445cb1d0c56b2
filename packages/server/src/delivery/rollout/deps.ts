import type { Log } from '@flotilla/engine'
import type { Clock } from '@flotilla/kube'
import type { People } from '../../access/people.ts'
import type { FleetConnections } from '../../fleet/connections.ts'
import type { HostState } from '../../fleet/host-state.ts'
import type { FrozenDocuments } from '../release/frozen-documents.ts'
import type { StepRunners } from './steps/step-runners.ts'

/** What the work on rollouts needs. */
export interface RolloutDeps {
  readonly state: HostState
  readonly fleet: FleetConnections
  readonly documents: FrozenDocuments
  readonly runners: StepRunners
  readonly people: Pick<People, 'byName' | 'byUid'>
  readonly clock: Clock
  readonly log: Log
}
