import { createJsonLog, silentLog } from '@flotilla/engine'
import { systemClock } from '@flotilla/kube'
import { ensurePart } from '@flotilla/local'
import { createAddressGuard, createRenderer } from '@flotilla/render'
import { createPlaces } from '../../../audit/places.ts'
import { createFleetConnections } from '../../../fleet/connections.ts'
import { createHostState } from '../../../fleet/host-state.ts'
import { createSecretIndex } from '../../../fleet/secret-index.ts'
import { openSqliteStore } from '../../../store/sqlite-store.ts'
import { noAgents } from '../../../testing/no-agents.ts'
import { createUploadReader } from '../../application/index.ts'
import { openHostClient, type ServerOptions } from '../../delivery/testing/open-server.ts'
import { runDelivery } from '../../run-delivery.ts'
import { type Scope, scopeState } from './scope-state.ts'

export interface EngineOptions extends ServerOptions, Scope {
  /** HOST:PORT of what analyses of the test open. */
  readonly page: string
  /** A line for each failpoint that is passed goes to the end of this file. */
  readonly record: string
}

/** All that delivers, releases and rolls out, as the server starts it, for one application; the fleet is there already. */
export async function openEngine({ hostKubeconfig, dataDir, registry, page, ...scope }: EngineOptions): Promise<void> {
  const { signal } = new AbortController()
  const debug = process.env['FLOTILLA_TEST_LOG'] !== undefined
  const log = debug ? createJsonLog({ write: (line) => process.stderr.write(`${line}\n`), level: 'debug' }) : silentLog
  const clock = systemClock
  const host = openHostClient(hostKubeconfig)
  const store = await openSqliteStore({ dataDir })
  const whole = createHostState({ client: host, log, signal })
  const state = scopeState(whole, scope)
  const guard = createAddressGuard({
    allowedHosts: [registry, page],
    allowedCidrs: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8'],
  })
  const insecureHosts = [registry, page]
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
    insecureHosts,
    blobs: store.blobs,
    readUpload: createUploadReader(store.blobs),
  })
  await whole.synced(signal)
  runDelivery({
    state,
    fleet,
    store,
    renderer,
    guard,
    insecureHosts,
    secrets: createSecretIndex(host, signal),
    audit: { note: () => {} },
    places: createPlaces(state),
    clock,
    log,
    signal,
  })
}
