import { type Log, runController, type RunningController } from '@flotilla/engine'
import type { Clock } from '@flotilla/kube'
import { projectNamespace } from '@flotilla/model'
import { type AddressGuard, createGuardedFetch, type Renderer } from '@flotilla/render'
import { createDeliveryAudit } from '../audit/audit-delivery.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Places } from '../audit/places.ts'
import type { FleetConnections } from '../fleet/connections.ts'
import type { HostState } from '../fleet/host-state.ts'
import type { SecretIndex } from '../fleet/secret-index.ts'
import type { DeliveryService, ReleaseService } from '../http/deps.ts'
import type { Store } from '../store/store.ts'
import { createApplicationController, createApplicationServices } from './application/index.ts'
import { adopt, createDeliveryController } from './delivery/index.ts'
import { createLiveState } from './live/create-live-state.ts'
import type { LiveState } from './live-state.ts'
import { createMoveController } from './move/move-controller.ts'
import { resolveHook } from './migration/resolve-hook.ts'
import { createFrozenDocuments, type FrozenDocuments } from './release/frozen-documents.ts'
import { createReleaseController } from './release/release-controller.ts'
import { createReleaseAnswers } from './release/release-answers.ts'
import { createReleaseServices } from './release/release-services.ts'
import { runRollouts } from './rollout/run-rollouts.ts'
import { createStepRunners } from './rollout/steps/step-runners.ts'
import { runUpkeep } from './upkeep/run-upkeep.ts'
import { createStoredSets } from './stored-sets.ts'

export interface RunDeliveryOptions {
  readonly state: HostState
  readonly fleet: FleetConnections
  readonly store: Store
  readonly renderer: Renderer
  /** Decides which addresses of plans may be asked. */
  readonly guard: AddressGuard
  /** `host[:port]` that may be spoken to over plain HTTP. */
  readonly insecureHosts: readonly string[]
  readonly secrets: SecretIndex
  readonly audit: Pick<AuditLog, 'note'>
  readonly places: Places
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** When this server is the one that acts; at once where it is not given. */
  readonly begin?: Promise<unknown> | undefined
}

export interface RunningDelivery {
  readonly controllers: readonly RunningController[]
  readonly live: LiveState
  readonly service: DeliveryService
  readonly releases: ReleaseService
  readonly documents: FrozenDocuments
}

/** Starts what brings applications to their targets. */
export function runDelivery(options: RunDeliveryOptions): RunningDelivery {
  const { state, fleet, renderer, secrets, places, clock, log, signal, begin } = options
  const { revisions } = options.store
  const audit = createDeliveryAudit({ audit: options.audit, places, state, revisions, now: () => clock.now() })
  const store: Store = {
    ...options.store,
    revisions: {
      ...revisions,
      append: async (revision) => {
        await revisions.append(revision)
        audit.revision(revision)
      },
    },
  }
  const sets = createStoredSets(store.blobs, store.digestKey)
  const live = createLiveState({ fleet, digestKey: store.digestKey, clock, signal })
  const application = createApplicationController({ state, fleet, store, sets, renderer, clock, log })
  const applications = runController(application.controller, { signal, log, begin })
  application.subscribe((key) => applications.enqueue(key))
  // values from Secrets change what is rendered
  secrets.onChange((key) => application.secretChanged(key))

  const delivery = createDeliveryController({
    state,
    fleet,
    live,
    sets,
    sources: application.shared.sources,
    renderer,
    digestKey: store.digestKey,
    ledger: store.migrationLedger,
    stepLogs: store.stepLogs,
    clock,
    log,
    audit,
    setMissing: application.setMissing,
  })
  const deliveries = runController(delivery.controller, { signal, log, begin })
  delivery.subscribe((key) => deliveries.enqueue(key))

  const { shared } = application
  const documents = createFrozenDocuments(store.blobs, store.digestKey)
  const releasing = { shared, documents, revisions: store.revisions }
  const release = createReleaseController(releasing)
  const releases = runController(release.controller, { signal, log, begin })
  release.subscribe((key) => releases.enqueue(key))

  const move = createMoveController({ state, fleet, clock, log })
  const moves = runController(move.controller, { signal, log, begin })
  move.subscribe((key) => moves.enqueue(key))

  const runners = createStepRunners({
    fleet,
    deliveryOf: (project, name) => state.deliveries.get(projectNamespace(project), name),
    sets,
    ledger: store.migrationLedger,
    logs: store.stepLogs,
    digestKey: store.digestKey,
    fetch: createGuardedFetch({ guard: options.guard, insecureHosts: options.insecureHosts, field: 'url' }),
    clock,
  })
  const rollouts = runRollouts({ state, fleet, store, documents, runners, clock, log, signal, begin })

  const { renderMemory } = shared
  const { host } = fleet
  void Promise.resolve(begin).then(() => runUpkeep({ state, host, store, documents, renderMemory, clock, log, signal }))

  const services = createApplicationServices(shared, store.revisions)
  return {
    controllers: [applications, deliveries, releases, moves, ...rollouts.controllers],
    live,
    releases: { ...createReleaseAnswers(releasing, createReleaseServices(releasing)), ...rollouts.service },
    documents,
    service: {
      revert: (ask) => services.revert(ask),
      explain: (ask) => services.explain(ask),
      preview: (ask) => services.preview(ask),
      resolveHook: (ask) => resolveHook({ ledger: store.migrationLedger, fleet, clock }, ask),
      difference: (ask) => delivery.difference(ask),
      adopt: (ask) => adopt({ fleet, blobs: store.blobs, preview: services.preview }, ask),
    },
  }
}
