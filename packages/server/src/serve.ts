import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { acquireLease, AppliedMemory, type HeldLease, type LeaseLimits, type Log } from '@flotilla/engine'
import { aborted, type Clock, createKubeClient, type KubeClient, systemClock } from '@flotilla/kube'
import { asFlotillaError, FlotillaError, systemNamespace } from '@flotilla/model'
import { type AddressGuard, createAddressGuard, createRenderer } from '@flotilla/render'
import { runProviders } from './access/providers/provider-controller.ts'
import { createProviderSignIn } from './access/providers/provider-sign-in.ts'
import { ensureFirstAdministrator } from './access/first-administrator.ts'
import { firstPasswordFile, firstPasswordSecret } from './access/first-password.ts'
import { installPlatform, type PlatformInstalled } from './access/install/install-platform.ts'
import { goBack } from './access/install/platform-mark.ts'
import { openAudit } from './audit/open-audit.ts'
import { createPlaces } from './audit/places.ts'
import { createUploadReader } from './delivery/application/index.ts'
import { watchRbac } from './access/rbac/watch-rbac.ts'
import { runDelivery } from './delivery/run-delivery.ts'
import type { AgentTrust } from './fleet/agents/agent-service.ts'
import { type Agents, openAgents } from './fleet/agents/open-agents.ts'
import { createClusterService } from './fleet/cluster-service.ts'
import { createFleetConnections } from './fleet/connections.ts'
import { createHostState } from './fleet/host-state.ts'
import { createMembers } from './fleet/members.ts'
import { runFleet } from './fleet/run-fleet.ts'
import { openReplicas } from './fleet/replicas/open-replicas.ts'
import type { PeerTrust } from './fleet/replicas/relayed-tunnel.ts'
import { trustGiven } from './fleet/replicas/trust-given.ts'
import { createSecretIndex } from './fleet/secret-index.ts'
import { watchSight } from './fleet/sight-watch.ts'
import { readHostConnection } from './host-connection.ts'
import { createHttp } from './http/create-http.ts'
import type { OwnTls } from './http/deps.ts'
import type { CertificateSource } from './http/tls/keep-renewed.ts'
import { ensureOwnCertificate, ownServerName } from './http/tls/own-certificate.ts'
import { reportIsolation } from './report-isolation.ts'
import { reportNumbers } from './report-numbers.ts'
import { passwordFileOf, readDatabaseUrl, type ServeOptions } from './serve-options.ts'
import { openPostgresStore, readSharedKeys } from './store/postgres-store.ts'
import { openSqliteStore } from './store/sqlite-store.ts'
import type { Store } from './store/store.ts'
import { untilAnswered } from './until-answered.ts'
import { version } from './version.ts'

export interface ServeContext {
  readonly log: Log
  readonly env: NodeJS.ProcessEnv
  /** Ends the server; `serve` resolves when everything is put away. */
  readonly signal: AbortSignal
  /** Lines for the person who started it. */
  readonly print: (line: string) => void
  /** Whether a person reads these lines: into a file or a log no password is written. */
  readonly terminal: boolean
  /** Other bounds of the lease than the usual ones; for tests. */
  readonly leaseLimits?: Partial<LeaseLimits> | undefined
}

const userAgent = `flotilla-server/${version}`
const builtConsole = join(import.meta.dirname, '../../console/dist')
const databaseRetryMs = 3_000
const databaseWaitMs = 60_000

/**
 * The whole server: waits for the host, installs what it needs there, then runs controllers and HTTP until the signal
 * aborts. It may be killed at any moment; whatever it was doing is decided anew by the next one. Of several servers one
 * acts; where they share a database the others answer people meanwhile.
 */
export async function serve(options: ServeOptions, context: ServeContext): Promise<void> {
  const { log, signal } = context
  const clock = systemClock
  const guard = createAddressGuard({ allowedHosts: options.allowedHosts, allowedCidrs: options.allowedCidrs })
  const connection = await readHostConnection(options, context.env)
  const { database, dataDir } = options
  const url = database === undefined ? undefined : await readDatabaseUrl(database)
  const embedded = url === undefined ? await openSqliteStore({ dataDir }) : undefined
  let held: HeldLease | undefined
  // who waits for the lease writes for people alone
  const beforeWrite = (): void => {
    if (held?.isCurrent() === false) throw staleWriter()
  }
  const host = createKubeClient({ name: 'host', connection, userAgent, clock, beforeWrite })
  const leaser = createKubeClient({ name: 'host', connection, userAgent, clock })
  let store = embedded
  const ending = new AbortController()
  const end = (): void => ending.abort(signal.reason)
  if (signal.aborted) end()
  signal.addEventListener('abort', end, { once: true })
  let lease: Promise<HeldLease> | undefined
  try {
    const waiting = { what: `the host ${host.transport.server}`, clock, log, signal }
    reportPlatform(await untilAnswered(waiting, () => installPlatform({ host, clock, signal })), log)
    const opened = (store ??= await openShared(url ?? '', host, clock, context))
    opened.lost.addEventListener('abort', () => ending.abort(opened.lost.reason), { once: true })
    lease = acquireLease({
      client: leaser,
      namespace: systemNamespace,
      name: 'flotilla-server',
      identity: opened.instance,
      clock,
      log,
      signal: ending.signal,
      ...(context.leaseLimits === undefined ? {} : { limits: context.leaseLimits }),
    }).then((taken) => {
      held = taken
      taken.signal.addEventListener('abort', () => ending.abort(taken.signal.reason), { once: true })
      return taken
    })
    lease.catch((thrown: unknown) => ending.abort(thrown))
    // what the embedded database holds, sessions too, is for the one that acts
    if (embedded !== undefined) await lease
    await run({ options, context, guard, store: opened, host, clock, beforeWrite, lease, ending })
  } finally {
    signal.removeEventListener('abort', end)
    ending.abort()
    await (await lease?.catch(() => undefined))?.release()
    await Promise.all([leaser.close(), host.close()])
    await store?.close()
    log.info('stopped')
  }
}

/** A database that is starting is waited for as long as one that is restarted takes; then its error ends the server. */
async function openShared(url: string, host: KubeClient, clock: Clock, { log, signal }: ServeContext): Promise<Store> {
  const keys = await readSharedKeys(host, signal)
  const until = clock.elapsed() + databaseWaitMs
  for (;;) {
    try {
      return await openPostgresStore({ url, keys })
    } catch (thrown) {
      const { message, retryAfter } = asFlotillaError(thrown)
      if (clock.elapsed() > until || retryAfter === undefined) throw thrown
      log.warn('waiting for the database', { reason: message })
      await clock.sleep(databaseRetryMs * (0.5 + clock.random()), signal)
    }
  }
}

interface Parts {
  readonly options: ServeOptions
  readonly context: ServeContext
  readonly guard: AddressGuard
  readonly store: Store
  readonly host: KubeClient
  readonly clock: Clock
  readonly beforeWrite: () => void
  /** Resolves when this server is the one that acts. */
  readonly lease: Promise<HeldLease>
  /** Aborts with the outer signal, and when the lease is lost: then another server acts, and this one starts again. */
  readonly ending: AbortController
}

/** Everything that answers, and everything that acts as soon as the lease is held. */
async function run(parts: Parts): Promise<void> {
  const { options, context, guard, store, host, clock, beforeWrite, lease, ending } = parts
  const { log } = context
  const { signal } = ending
  // nothing is awaited here that fails without the lease: its failure ends the server elsewhere
  const begin = lease.catch(() => new Promise<never>(() => {}))
  const renderer = createRenderer({
    workerPath: helmWorkerOf(options),
    digestKey: store.digestKey,
    guard,
    blobs: store.blobs,
    readUpload: createUploadReader(store.blobs),
    insecureHosts: options.insecureHosts,
    allowFileGit: options.allowFileGit,
  })
  const state = createHostState({ client: host, log, signal })
  const secrets = createSecretIndex(host, signal)
  const own = options.tls === undefined ? await ownTls(parts, signal) : undefined
  const given = options.tls === undefined ? undefined : await givenTls(options.tls)
  const { publicUrl } = options
  const trust = await agentTrust(options, own)
  const agents = openAgents({ host, state, trust, publicUrl, image: options.agentImage, clock, log, signal })
  const fleet = createFleetConnections({
    host,
    agents: agents.tunnels,
    agentMissing: agents.missing,
    clusters: state.clusters,
    clock,
    log,
    signal,
    userAgent,
    guard,
    beforeWrite,
  })
  const members = createMembers({ fleet, clock, log, signal })
  let hostChanged = (): void => {}
  const hostSight = watchSight(host, 'host', () => hostChanged(), signal)
  const rbac = watchRbac(host, signal)
  await Promise.all([state.synced(signal), hostSight.synced(signal), rbac.synced(), agents.synced(signal)])

  const audit = await openAudit({ store: store.audit, recordings: store.recordings, host, clock, log, signal, begin })
  const places = createPlaces(state)

  const deps = { host, state, fleet, members, hostSight, hostMemory: new AppliedMemory(), clock, log }
  const { insecureHosts } = options
  const providers = createProviderSignIn({
    host,
    state,
    guard,
    insecureHosts,
    clock,
    log,
    consoleUrl: options.consoleUrl,
    key: store.digestKey,
  })
  const { networkProbeImage, agentImage } = options
  const running = runFleet({ deps, secrets, signal, log, begin, networkProbeImage, agentImage })
  hostChanged = running.hostChanged
  const delivery = runDelivery({
    state,
    fleet,
    store,
    renderer,
    guard,
    insecureHosts: options.insecureHosts,
    secrets,
    audit,
    places,
    clock,
    log,
    signal,
    begin,
  })
  const asking = runProviders({ ...deps, providers }, { secrets, signal, log, begin })
  const replicas = shareTunnels(parts, { agents, own, given }, signal)
  const controllers = [...running.controllers, asking, ...delivery.controllers]
  const http = await createHttp({
    version,
    log,
    clock,
    state,
    fleet,
    rbac,
    live: delivery.live,
    store,
    audit,
    clusters: createClusterService({ host, state, guard, userAgent, clock, log }),
    providers,
    agents: agents.service,
    agentDoor: {
      upgrade: (request, socket, head) =>
        agents.door.upgrade(request, socket, head) || replicas?.door.upgrade(request, socket, head) === true,
    },
    delivery: delivery.service,
    releases: delivery.releases,
    rolloutDocuments: delivery.documents.rollouts,
    consoleDir: options.consoleDir ?? builtConsole,
    trustedProxies: options.trustedProxies,
    recordShells: options.recordShells,
    ...(given === undefined ? { own } : { tls: given }),
  })
  try {
    if (options.database === undefined) await sayWhoMayEnter(parts, signal)
    const { url } = await http.listen(options.listen, options.alsoListen)
    log.info('serving', { url, version })
    context.print(`Console: ${url}`)
    const acting = async (): Promise<void> => {
      const { epoch } = await begin
      log.info('acting', { epoch })
      if (options.database === undefined) return
      const waiting = { what: 'host and database, to see who may enter', clock, log, signal }
      await untilAnswered(waiting, () => sayWhoMayEnter(parts, signal))
    }
    await Promise.all([
      Promise.race([acting(), aborted(signal)]),
      reportIsolation(renderer, log, signal),
      reportNumbers({ controllers, fleet, clock, log, signal }),
    ])
  } finally {
    ending.abort()
    agents.tunnels.close()
    await replicas?.close()
    await http.close()
    await Promise.all(controllers.map((controller) => controller.stop()))
    // what they did last is in it
    await audit.close()
    await renderer.close()
  }
  if (context.signal.aborted) return
  store.lost.throwIfAborted()
  await lease
  throw staleWriter()
}

const staleWriter = (): FlotillaError =>
  new FlotillaError('delivery.stale_writer', {
    message: 'Another server took the lease over',
    remedy: 'One server acts at a time; this one ends and may be started again.',
  })

async function sayWhoMayEnter({ options, context, store, host }: Parts, signal: AbortSignal): Promise<void> {
  const file = passwordFileOf(options)
  const place = file === undefined ? firstPasswordSecret(host, signal) : firstPasswordFile(file)
  const { username, password } = await ensureFirstAdministrator({ host, passwords: store.passwords, place, signal })
  if (password !== undefined)
    context.print(
      context.terminal
        ? `Administrator: ${username}, password ${password} (also in ${place.name})`
        : `Administrator: ${username}, password in ${place.name}`,
    )
}

function reportPlatform({ revision, newer }: PlatformInstalled, log: Log): void {
  if (newer === undefined) return
  const remedy = `It goes on with it until it is replaced. ${goBack}`
  log.warn('the host has the platform of a newer version', { revision: newer.revision, own: revision, remedy })
}

function helmWorkerOf({ helmWorker }: ServeOptions): string {
  if (helmWorker !== undefined) return helmWorker
  throw new FlotillaError('input.invalid', {
    message: 'Where the Helm worker is is not said',
    field: '--helm-worker',
    remedy: 'Give --helm-worker FILE or set FLOTILLA_HELM_WORKER; `flotilla local up` and the packed parts bring it.',
  })
}

/** Where servers share a database, each goes to an agent through the one that the agent dialled. */
function shareTunnels(
  { options, context, store, host, clock }: Parts,
  { agents, own, given }: { agents: Agents; own: OwnTls | undefined; given: CertificateSource | undefined },
  signal: AbortSignal,
) {
  const { database, replicaAddress: address } = options
  if (database === undefined) return undefined
  const { log } = context
  if (address === undefined) {
    log.warn('other servers do not reach this one', {
      remedy: 'Give --replica-address; until then this server reaches agents that dial it, and others do not.',
    })
    return undefined
  }
  const trust =
    given === undefined
      ? (): PeerTrust => ({ ca: own?.certificate.ca ?? '', serverName: ownServerName })
      : trustGiven(given, clock)
  const { instance: name, digestKey: key } = store
  return openReplicas({ host, tunnels: agents.tunnels, name, address, key, trust, clock, log, signal })
}

/** Without a certificate from its operator the server has one of its own, which clients pin. */
async function ownTls({ host, options, clock }: Parts, signal: AbortSignal): Promise<OwnTls> {
  const listening = [options.listen, ...options.alsoListen].flatMap(({ host: name }) =>
    name === '0.0.0.0' || name === '::' ? [] : [name],
  )
  const names =
    options.publicUrl === undefined ? listening : [...listening, options.publicUrl.hostname.replace(/^\[|\]$/g, '')]
  const ensure = () => ensureOwnCertificate({ host, names, now: clock.now(), signal })
  let certificate = await ensure()
  return {
    get certificate() {
      return certificate
    },
    renew: async () => (certificate = await ensure()),
  }
}

/** By what agents know this server; undefined where the usual authorities vouch for it. */
async function agentTrust({ publicCa }: ServeOptions, own: OwnTls | undefined): Promise<AgentTrust | undefined> {
  if (publicCa === 'system') return undefined
  if (publicCa === undefined)
    return own === undefined ? undefined : () => ({ ...own.certificate, serverName: ownServerName })
  const ca = await readFile(publicCa.file, 'utf8')
  return () => ({ ca })
}

async function givenTls(files: { certFile: string; keyFile: string }): Promise<CertificateSource> {
  const read = async () => {
    const [cert, key] = await Promise.all([readFile(files.certFile, 'utf8'), readFile(files.keyFile, 'utf8')])
    return { cert, key }
  }
  return { certificate: await read(), renew: read }
}
