import type { Clock } from '@flotilla/kube'
import { type Delivery, type FlotillaError, type RolloutDocument } from '@flotilla/model'
import type { StepInHand, StepSight } from '@flotilla/reconcile'
import type { GuardedFetch } from '@flotilla/render'
import type { FleetConnections } from '../../../fleet/connections.ts'
import type { MigrationLedger } from '../../../store/migration-ledger.ts'
import type { StepLogs } from '../../../store/step-logs.ts'
import type { StoredSets } from '../../rendered-set.ts'

/** Of what run a step is: a RolloutDocument is one. */
export interface StepContext extends Pick<
  RolloutDocument,
  'rollout' | 'release' | 'frozenAt' | 'application' | 'project' | 'action'
> {
  /** What the record of this step says was measured already: after a restart the series goes on from it. */
  readonly evidence?: readonly string[] | undefined
}

/**
 * One sort of steps. All of it is keyed by the step: begun, or let go of, twice does it once. Errors are those of what cannot be asked
 * now, and say nothing about the step; what is refused for good is seen as failed.
 */
export interface StepRunner {
  begin(step: StepInHand, context: StepContext, signal: AbortSignal): Promise<void>
  /** `absent` is only what was never begun; what goes on in several parts begins the next one when it is looked at. */
  see(step: StepInHand, context: StepContext, signal: AbortSignal): Promise<StepSight>
  /** Its log is kept, and what it left in a cluster goes. What still runs is ended. */
  letGo(step: StepInHand, context: StepContext, signal: AbortSignal): Promise<void>
}

export interface StepAnswer {
  readonly outcome: 'Succeeded' | 'Failed'
  readonly by: string
  readonly reason: string
}

export interface StepDeps {
  readonly fleet: Pick<FleetConnections, 'host' | 'get' | 'deliveryClient'>
  /** The Delivery of a target, for the tests of its charts. */
  readonly deliveryOf: (project: string, name: string) => Delivery | undefined
  readonly sets: StoredSets
  readonly ledger: MigrationLedger
  readonly logs: Pick<StepLogs, 'put' | 'get'>
  /** For digests over what may hold secrets. */
  readonly digestKey: Uint8Array
  /** For addresses that plans name. */
  readonly fetch: GuardedFetch
  readonly clock: Clock
}

/** One run of a step, as it is known wherever it leaves a trace: its key, which begins with the rollout's uid. */
export const holderOf = ({ key }: StepInHand, { rollout }: Pick<StepContext, 'rollout'>): string =>
  key.startsWith(`${rollout.uid}/`) ? key : `${rollout.uid}/${key}`

/** Why steps have failed without a trace in a cluster. Lost with the process: then they are refused, or asked to end, once more. */
export class Refusals {
  readonly #messages = new Map<string, string>()

  get(holder: string): string | undefined {
    return this.#messages.get(holder)
  }

  add(holder: string, { message, remedy }: Pick<FlotillaError, 'message' | 'remedy'>): void {
    this.#messages.set(holder, remedy === undefined ? message : `${message}. ${remedy}`)
    const [oldest] = this.#messages.keys()
    if (this.#messages.size > mostKept && oldest !== undefined) this.#messages.delete(oldest)
  }

  forget(holder: string): void {
    this.#messages.delete(holder)
  }
}

const mostKept = 1_000
