import { noAgents } from '../../../testing/no-agents.ts'
import { AppliedMemory, createJsonLog, runController, silentLog } from '@flotilla/engine'
import { createKubeClient, type KubeClient, systemClock } from '@flotilla/kube'
import { ensurePart } from '@flotilla/local'
import { projectNamespace } from '@flotilla/model'
import { createAddressGuard, createGuardedFetch, createRenderer } from '@flotilla/render'
import { createFleetConnections } from '../../../fleet/connections.ts'
import { createHostState } from '../../../fleet/host-state.ts'
import { createMembers } from '../../../fleet/members.ts'
import { runFleet } from '../../../fleet/run-fleet.ts'
import { createSecretIndex } from '../../../fleet/secret-index.ts'
import { watchSight } from '../../../fleet/sight-watch.ts'
import { openSqliteStore } from '../../../store/sqlite-store.ts'
import {
  createApplicationController,
  createApplicationServices,
  createSourceStore,
  createUploadReader,
} from '../../application/index.ts'
import { createLiveState } from '../../live/create-live-state.ts'
import { createFrozenDocuments } from '../../release/frozen-documents.ts'
import { createReleaseController } from '../../release/release-controller.ts'
import { createReleaseServices } from '../../release/release-services.ts'
import { createMoveController } from '../../move/move-controller.ts'
import { runRollouts } from '../../rollout/run-rollouts.ts'
import { createStepRunners } from '../../rollout/steps/step-runners.ts'
import { createStoredSets } from '../../stored-sets.ts'
import { createDeliveryController } from '../delivery-controller.ts'
import { connectionOf } from '@flotilla/kube/testing/connection-of'

export interface ServerOptions {
  /** Kubeconfig of the host, as text. */
  readonly hostKubeconfig: string
  readonly dataDir: string
  /** HOST:PORT of the registry, spoken to without TLS. */
  readonly registry: string
  /** Rollouts go out; without it the test plays them. */
  readonly rollouts?: boolean | undefined
}

export const openHostClient = (kubeconfig: string): KubeClient =>
  createKubeClient({ name: 'hub', connection: connectionOf(kubeconfig), userAgent: 'flotilla-test' })

/** Everything of the server that brings applications to clusters; what dies with its process. */
export async function openServer({ hostKubeconfig, dataDir, registry, rollouts = false }: ServerOptions) {
  const life = new AbortController()
  const { signal } = life
  const debug = process.env['FLOTILLA_TEST_LOG'] !== undefined
  const log = debug ? createJsonLog({ write: (line) => process.stderr.write(`${line}\n`), level: 'debug' }) : silentLog
  const host = openHostClient(hostKubeconfig)
  const store = await openSqliteStore({ dataDir })
  const state = createHostState({ client: host, log, signal })
  const guard = createAddressGuard({
    allowedHosts: [registry],
    // the last one: proxies of tests
    allowedCidrs: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8'],
  })
  const clock = systemClock
  const fleet = createFleetConnections({
    agents: noAgents,
    agentMissing: '',
    host,
    clusters: state.clusters,
    clock,
    log,
    signal,
    userAgent: 'flotilla-test',
    guard,
  })
  const renderer = createRenderer({
    workerPath: process.env['FLOTILLA_HELM_WORKER'] ?? (await ensurePart('helm-worker')),
    digestKey: store.digestKey,
    guard,
    insecureHosts: [registry],
    blobs: store.blobs,
    readUpload: createUploadReader(store.blobs),
  })
  const sets = createStoredSets(store.blobs, store.digestKey)
  const members = createMembers({ fleet, clock, log, signal })
  let hostChanged = (): void => {}
  const hostSight = watchSight(host, 'host', () => hostChanged(), signal)
  const secrets = createSecretIndex(host, signal)
  await state.synced(signal)
  const ownership = runFleet({
    deps: { host, state, fleet, members, hostSight, hostMemory: new AppliedMemory(), clock, log },
    secrets,
    signal,
    log,
  })
  hostChanged = ownership.hostChanged
  const applications = createApplicationController({ state, fleet, store, sets, renderer, clock, log })
  const live = createLiveState({ fleet, digestKey: store.digestKey, clock, signal })
  const deliveries = createDeliveryController({
    state,
    fleet,
    live,
    sets,
    sources: createSourceStore(store.blobs),
    renderer,
    digestKey: store.digestKey,
    ledger: store.migrationLedger,
    stepLogs: store.stepLogs,
    clock,
    log,
    setMissing: (digest) => applications.setMissing(digest),
  })
  const documents = createFrozenDocuments(store.blobs, store.digestKey)
  const releasing = { shared: applications.shared, documents, revisions: store.revisions }
  const releases = createReleaseController(releasing)
  const moves = createMoveController({ state, fleet, clock, log })
  const running = [applications, deliveries, releases, moves].map((one) => {
    const queue = runController(one.controller, { signal, log })
    one.subscribe((key) => queue.enqueue(key))
    return queue
  })
  if (rollouts) {
    const runners = createStepRunners({
      fleet,
      deliveryOf: (project, name) => state.deliveries.get(projectNamespace(project), name),
      sets,
      ledger: store.migrationLedger,
      logs: store.stepLogs,
      digestKey: store.digestKey,
      fetch: createGuardedFetch({ guard, insecureHosts: [], field: 'url' }),
      clock,
    })
    running.push(...runRollouts({ state, fleet, store, documents, runners, clock, log, signal }).controllers)
  }
  return {
    host,
    state,
    fleet,
    store,
    sets,
    renderer,
    live,
    deliveries,
    applications,
    documents,
    releases: createReleaseServices(releasing),
    services: createApplicationServices(applications.shared, store.revisions),
    sources: createSourceStore(store.blobs),
    stop: async () => {
      await Promise.all([...running, ...ownership.controllers].map((controller) => controller.stop()))
      life.abort()
      await renderer.close()
      await store.close()
      await host.close()
    },
  }
}

export type TestServer = Awaited<ReturnType<typeof openServer>>
