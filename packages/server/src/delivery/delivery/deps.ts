import type { Log } from '@flotilla/engine'
import type { Clock, KubeClient } from '@flotilla/kube'
import type { Delivery } from '@flotilla/model'
import type { Renderer } from '@flotilla/render'
import type { DeliveryAudit } from '../../audit/audit-delivery.ts'
import type { FleetConnections } from '../../fleet/connections.ts'
import type { HostState } from '../../fleet/host-state.ts'
import type { MigrationLedger } from '../../store/migration-ledger.ts'
import type { StepLogs } from '../../store/step-logs.ts'
import type { SourceStore } from '../application/source-store.ts'
import type { MigrationDeps } from '../migration/begin-migration.ts'
import type { DeliveryLiveState } from '../live/create-live-state.ts'
import type { StoredSets } from '../rendered-set.ts'
import type { Counters } from './counters.ts'
import type { DeliveryMemory } from './delivery-memory.ts'
import type { FieldOwners } from './field-owners.ts'

export interface DeliveryControllerDeps {
  readonly state: Pick<HostState, 'deliveries' | 'applications' | 'synced'>
  readonly fleet: FleetConnections
  readonly live: DeliveryLiveState
  readonly sets: StoredSets
  /** Charts by digest, for release records. */
  readonly sources: Pick<SourceStore, 'get'>
  readonly renderer: Pick<Renderer, 'encodeRelease' | 'decodeRelease' | 'reviseRelease'>
  readonly digestKey: Uint8Array
  /** Which migrations of hooks ran, and what they wrote. */
  readonly ledger: MigrationLedger
  readonly stepLogs: Pick<StepLogs, 'put'>
  readonly clock: Clock
  readonly log: Log
  /** Told of each effect that changed something in a cluster. */
  readonly audit?: Pick<DeliveryAudit, 'effect'> | undefined
  /** A rendered set is wanted and no longer stored. */
  readonly setMissing?: ((digest: string) => void) | undefined
}

/** What the work on one Delivery has at hand. */
export interface Workbench {
  readonly deps: DeliveryControllerDeps
  readonly delivery: Delivery
  /** The member, as the project's delivery group. */
  readonly client: KubeClient
  readonly memory: DeliveryMemory
  readonly owners: FieldOwners
  readonly counters: Counters
  readonly signal: AbortSignal
}

/** What it takes to run one hook: also the tests of a chart, which a rollout runs. */
export type HookBench = Pick<Workbench, 'client' | 'delivery' | 'counters' | 'signal'> & {
  readonly deps: MigrationDeps
}
