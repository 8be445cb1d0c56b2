import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { acquireLease, AppliedMemory, type HeldLease, type LeaseLimits, type Log } from '@flotilla/engine'
import { type Clock, createKubeClient, type KubeClient, systemClock } from '@flotilla/kube'
import { asFlotillaError, FlotillaError, systemNamespace } from '@flotilla/model'
import { type AddressGuard, createAddressGuard, createRenderer } from '@flotilla/render'
import { runProviders } from './access/providers/provider-controller.ts'
import { createProviderSignIn } from './access/providers/provider-sign-in.ts'
import { ensureFirstAdministrator } from './access/first-administrator.ts'
import { installPlatform } from './access/install/install-platform.ts'
import { openAudit } from './audit/open-audit.ts'
import { createPlaces } from './audit/places.ts'
import { createUploadReader } from './delivery/application/index.ts'
import { watchRbac } from './access/rbac/watch-rbac.ts'
import { runDelivery } from './delivery/run-delivery.ts'
import type { AgentTrust } from './fleet/agents/agent-service.ts'
import { openAgents } from './fleet/agents/open-agents.ts'
import { createClusterService } from './fleet/cluster-service.ts'
import { createFleetConnections } from './fleet/connections.ts'
import { createHostState } from './fleet/host-state.ts'
import { createMembers } from './fleet/members.ts'
import { runFleet } from './fleet/run-fleet.ts'
import { createSecretIndex } from './fleet/secret-index.ts'
import { watchSight } from './fleet/sight-watch.ts'
import { readHostConnection } from './host-connection.ts'
import { createHttp } from './http/create-http.ts'
import type { OwnTls } from './http/deps.ts'
import type { CertificateSource } from './http/tls/keep-renewed.ts'
import { ensureOwnCertificate, ownServerName } from './http/tls/own-certificate.ts'
import { reportIsolation } from './report-isolation.ts'
import { reportNumbers } from './report-numbers.ts'
import { passwordFileOf, type ServeOptions } from './serve-options.ts'
import { openSqliteStore, type SqliteStore } from './store/sqlite-store.ts'
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
const hostRetryMs = 3_000

/**
 * The whole server: waits for the host, installs what it needs there, then runs controllers and HTTP until the signal
 * aborts. It may be killed at any moment; whatever it was doing is decided anew by the next one.
 */
export async function serve(options: ServeOptions, context: ServeContext): Promise<void> {
  const { log, signal } = context
  const clock = systemClock
  const guard = createAddressGuard({ allowedHosts: options.allowedHosts, allowedCidrs: options.allowedCidrs })
  const connection = await readHostConnection(options, context.env)
  const store = await openSqliteStore({ dataDir: options.dataDir })
  let held: HeldLease | undefined
  const beforeWrite = (): void => {
    if (held?.isCurrent() === false) throw staleWriter()
  }
  const host = createKubeClient({ name: 'host', connection, userAgent, clock, beforeWrite })
  const leaser = createKubeClient({ name: 'host', connection, userAgent, clock })
  try {
    await untilHostAnswers(host, clock, context, () => installPlatform({ host, clock, signal }))
    const lease = await acquireLease({
      client: leaser,
      namespace: systemNamespace,
      name: 'flotilla-server',
      identity: store.instance,
      clock,
      log,
      signal,
      ...(context.leaseLimits === undefined ? {} : { limits: context.leaseLimits }),
    })
    held = lease
    try {
      await runUnder(lease, { options, context, guard, store, host, clock, beforeWrite })
    } finally {
      await lease.release()
    }
  } finally {
    await Promise.all([leaser.close(), host.close()])
    await store.close()
    log.info('stopped')
  }
}

interface Parts {
  readonly options: ServeOptions
  readonly context: ServeContext
  readonly guard: AddressGuard
  readonly store: SqliteStore
  readonly host: KubeClient
  readonly clock: Clock
  readonly beforeWrite: () => void
}

/** Everything that acts. It ends with the outer signal, or when the lease is lost: then another server acts. */
async function runUnder(lease: HeldLease, parts: Parts): Promise<void> {
  const { options, context, guard, store, host, clock, beforeWrite } = parts
  const { log } = context
  const ending = new AbortController()
  const { signal } = ending
  const end = (): void => ending.abort(context.signal.aborted ? context.signal.reason : lease.signal.reason)
  for (const outer of [context.signal, lease.signal]) {
    if (outer.aborted) end()
    outer.addEventListener('abort', end, { once: true })
  }
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
  const { publicUrl, agentImage: image } = options
  const trust = await agentTrust(options, own)
  const agents = openAgents({ host, state, trust, publicUrl, image, clock, log, signal })
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

  const audit = await openAudit({ store: store.audit, host, clock, log, signal })
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
  const running = runFleet({ deps, secrets, signal, log })
  hostChanged = running.hostChanged
  const delivery = runDelivery({ state, fleet, store, renderer, secrets, audit, places, clock, log, signal })
  const asking = runProviders({ ...deps, providers }, { secrets, signal, log })
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
    agentDoor: agents.door,
    delivery: delivery.service,
    consoleDir: options.consoleDir ?? builtConsole,
    trustedProxies: options.trustedProxies,
    ...(options.tls === undefined ? { own } : { tls: await givenTls(options.tls) }),
  })
  try {
    await sayWhoMayEnter(parts, signal)
    const { url } = await http.listen(options.listen, options.alsoListen)
    log.info('serving', { url, version, epoch: lease.epoch })
    context.print(`Console: ${url}`)
    await Promise.all([
      reportIsolation(renderer, log, signal),
      reportNumbers({ controllers, fleet, clock, log, signal }),
    ])
  } finally {
    ending.abort()
    agents.tunnels.close()
    await http.close()
    await Promise.all(controllers.map((controller) => controller.stop()))
    // what they did last is in it
    await audit.close()
    await renderer.close()
  }
  if (!context.signal.aborted) throw staleWriter()
}

const staleWriter = (): FlotillaError =>
  new FlotillaError('delivery.stale_writer', {
    message: 'Another server took the lease over',
    remedy: 'One server acts at a time; this one ends and may be started again.',
  })

async function sayWhoMayEnter({ options, context, store, host }: Parts, signal: AbortSignal): Promise<void> {
  const passwordFile = passwordFileOf(options)
  const { username, password } = await ensureFirstAdministrator({
    host,
    passwords: store.passwords,
    passwordFile,
    signal,
  })
  if (password !== undefined)
    context.print(
      context.terminal
        ? `Administrator: ${username}, password ${password} (also in ${passwordFile})`
        : `Administrator: ${username}, password in ${passwordFile}`,
    )
}

/** A host that is starting, or away for a moment, is waited for; one that refuses is a matter for the operator. */
async function untilHostAnswers(
  host: KubeClient,
  clock: Clock,
  { log, signal }: ServeContext,
  work: () => Promise<void>,
): Promise<void> {
  for (;;) {
    try {
      return await work()
    } catch (thrown) {
      signal.throwIfAborted()
      const error = asFlotillaError(thrown)
      if (error.next !== 'retry' || error.code === 'cluster.unauthorized' || error.code === 'internal') throw error
      log.warn('waiting for the host', { server: host.transport.server, code: error.code, reason: error.message })
    }
    await clock.sleep(hostRetryMs * (0.5 + clock.random()), signal)
  }
}

function helmWorkerOf({ helmWorker }: ServeOptions): string {
  if (helmWorker !== undefined) return helmWorker
  throw new FlotillaError('input.invalid', {
    message: 'Where the Helm worker is is not said',
    field: '--helm-worker',
    remedy: 'Give --helm-worker FILE or set FLOTILLA_HELM_WORKER; `flotilla local up` and the packed parts bring it.',
  })
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
