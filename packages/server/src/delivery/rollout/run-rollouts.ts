import { type Log, runController, type RunningController } from '@flotilla/engine'
import type { Clock } from '@flotilla/kube'
import type { FrozenDocument, Rollout, RolloutDocument } from '@flotilla/model'
import { createPeople } from '../../access/people.ts'
import type { FleetConnections } from '../../fleet/connections.ts'
import type { HostState } from '../../fleet/host-state.ts'
import type { ReleaseService } from '../../http/deps.ts'
import type { Store } from '../../store/store.ts'
import { closeGone, createHistoryController } from '../history/history-controller.ts'
import type { FrozenDocuments } from '../release/frozen-documents.ts'
import { checkStart } from './check-start.ts'
import { DocumentMemory } from './document-memory.ts'
import { readHookLog } from './read-hook-log.ts'
import { readStepLog } from './read-step-log.ts'
import { createRolloutController } from './rollout-controller.ts'
import type { StepRunners } from './steps/step-runners.ts'

export interface RunRolloutsOptions {
  readonly state: HostState
  readonly fleet: FleetConnections
  readonly store: Pick<Store, 'stepLogs' | 'history'>
  readonly documents: FrozenDocuments
  readonly runners: StepRunners
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly begin?: Promise<unknown> | undefined
}

export interface RunningRollouts {
  readonly controllers: readonly RunningController[]
  readonly service: Pick<ReleaseService, 'checkStart' | 'stepLog' | 'hookLog'>
}

/** Starts what sends releases out, and what keeps the history of what ran. */
export function runRollouts(options: RunRolloutsOptions): RunningRollouts {
  const { state, fleet, store, documents, runners, clock, log, signal, begin } = options
  const people = createPeople(state)
  const rollout = createRolloutController({ state, fleet, documents, runners, people, clock, log })
  const rollouts = runController(rollout.controller, { signal, log, begin })
  rollout.subscribe((key) => rollouts.enqueue(key))

  const kept = { state, history: store.history, clock }
  const history = createHistoryController(kept)
  const histories = runController(history.controller, { signal, log, begin })
  history.subscribe((key) => histories.enqueue(key))
  void Promise.resolve(begin)
    .then(() => closeGone(kept, signal))
    .catch((thrown: unknown) => {
      if (!signal.aborted) log.warn('history not closed', { reason: thrown instanceof Error ? thrown.message : '' })
    })

  const memory = {
    releases: new DocumentMemory<FrozenDocument>(documents.releases),
    rollouts: new DocumentMemory<RolloutDocument>(documents.rollouts),
  }
  const documentOf = async ({ status }: Rollout): Promise<RolloutDocument | undefined> => {
    const digest = status?.snapshot?.document
    return digest === undefined ? undefined : await memory.rollouts.get(digest)
  }
  return {
    controllers: [rollouts, histories],
    service: {
      checkStart: (ask) => checkStart({ state, fleet, people, clock }, memory, ask),
      stepLog: async ({ rollout: run, ref, attempt }) => {
        return readStepLog(store.stepLogs, { rollout: run, document: await documentOf(run), ref, attempt })
      },
      hookLog: async ({ rollout: run, ...asked }) =>
        readHookLog(store.stepLogs, state.deliveries, { ...asked, rollout: run, document: await documentOf(run) }),
    },
  }
}
