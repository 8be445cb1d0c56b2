import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type KubeClient, type ProxyOutcome, proxyRequest, proxyUpgrade, type ProxyTarget } from '@flotilla/kube'
import { asFlotillaError, FlotillaError } from '@flotilla/model'
import type { People, Person } from '../../access/people.ts'
import type { AuditedExchange } from '../../audit/audit-exchange.ts'
import type { ShellRecorder } from '../../audit/recording/record-shell.ts'
import { rememberBriefly } from '../../access/remember-briefly.ts'
import { notSignedIn, type OpenSession } from '../../access/sessions.ts'
import { narrowPerson } from '../../access/narrow-person.ts'
import type { TokenScope } from '../../store/store.ts'
import { refusalHeaders, refuseUpgrade } from '../../refuse-upgrade.ts'
import type { Services } from '../handler.ts'
import { createTrustedProxies } from '../trusted-proxies.ts'
import type { KubeTokens } from './kube-token.ts'
import { bearerOf, refuseOtherOrigins } from './bearer-of.ts'
import { clientAddress } from './client-address.ts'
import { createOpenExchanges, exchangeLimits, type ExchangeLimits, type OpenExchanges } from './open-exchanges.ts'
import { computeReach } from './reach.ts'
import { refuseWrites } from './refuse-writes.ts'
import { kubeStatus } from './status-answer.ts'

/** Where clusters are reached: /k8s/clusters/NAME/... is the API server of NAME, /k8s/host/... that of the host. */
const address = /^\/k8s\/(?:host|clusters\/([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?))(\/[^?#]*)?(\?[^#]*)?$/

export interface KubernetesProxy {
  /** Takes every request below /k8s/, and says whether it did. */
  request(request: IncomingMessage, response: ServerResponse): boolean
  /** Exec, attach, port-forward and watches over WebSockets and SPDY. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  readonly open: OpenExchanges
  close(): void
}

export interface KubernetesProxyParts {
  readonly services: Services
  readonly people: People
  readonly tokens: KubeTokens
  readonly limits?: Partial<ExchangeLimits> | undefined
}

/** How long it is taken for granted that a session was not closed; who its person is, is asked each time. */
const sessionMs = 1_000

interface Granted {
  readonly client: KubeClient
  readonly path: string
  readonly tokenHash: string
  readonly userUid: string
  readonly cluster: string | undefined
  readonly groups: readonly string[]
  readonly scope: TokenScope | undefined
  readonly person: Person
}

/** The API servers of host and members, as the person who asks: with their own rights, through one address. */
export function createKubernetesProxy({ services, people, tokens, limits }: KubernetesProxyParts): KubernetesProxy {
  const { sessions, deps } = services
  const isProxy = createTrustedProxies(deps.trustedProxies ?? [])

  const identityIn = (person: Person, cluster: string | undefined) => {
    if (cluster !== undefined) return computeReach(person, cluster, deps.state)?.identity
    // the host knows its people by roles; who has none has nothing to see there
    return person.identity.groups.length === 0 ? undefined : person.identity
  }

  const remember = rememberBriefly<OpenSession | undefined>({
    now: () => deps.clock.elapsed(),
    forMs: sessionMs,
    most: 10_000,
  })
  const openSession = (tokenHash: string) => remember(tokenHash, () => sessions.stillOpen(tokenHash))

  const open = createOpenExchanges({
    currentGroups: ({ userUid, cluster, scope }) => {
      const person = people.byUid(userUid)
      return person === undefined ? undefined : identityIn(narrowPerson(person, scope, deps.state), cluster)?.groups
    },
    isOpen: async (tokenHash) => (await sessions.stillOpen(tokenHash)) !== undefined,
    clock: deps.clock,
    log: deps.log,
    limits: { ...exchangeLimits, ...limits },
  })
  const stopListening = people.onChange(() => open.check())

  /** Who asks, for which cluster, proven; nothing of the request is passed on before. */
  async function authorise(request: IncomingMessage): Promise<Granted> {
    refuseImpersonation(request)
    refuseOtherOrigins(request.headers)
    const match = address.exec(request.url ?? '')
    const tokenHash = tokens.verify(bearerOf(request.headers) ?? '')
    const session = tokenHash === undefined ? undefined : await openSession(tokenHash)
    const scope = session?.scope
    const whole = session === undefined ? undefined : people.byUid(session.person.uid)
    if (tokenHash === undefined || whole === undefined) throw notSignedIn()
    if (scope?.access === 'read') refuseWrites(request)
    const person = narrowPerson(whole, scope, deps.state)
    const cluster = match?.[1]
    const identity = match === null ? undefined : identityIn(person, cluster)
    const client = cluster === undefined ? { known: true as const, value: deps.fleet.host } : deps.fleet.client(cluster)
    if (match === null || identity === undefined) throw noCluster(cluster ?? request.url ?? '')
    if (!client.known) throw new FlotillaError('cluster.unreachable', { message: client.reason })
    return {
      client: client.value.as(identity),
      path: `${match[2] ?? '/'}${match[3] ?? ''}`,
      tokenHash,
      userUid: person.uid,
      cluster,
      groups: identity.groups,
      scope,
      person,
    }
  }

  async function passOn(
    request: IncomingMessage,
    pass: (client: KubeClient, target: ProxyTarget) => Promise<ProxyOutcome>,
  ): Promise<void> {
    const [, cluster, path = '/', query = ''] = address.exec(request.url ?? '') ?? []
    const from = clientAddress(request, isProxy)
    const at = { cluster, address: from, upgrades: request.headers.upgrade !== undefined }
    const audited = services.audited.exchange(request.method ?? 'GET', `${path}${query}`, at)
    try {
      await passAudited(request, pass, audited)
    } catch (thrown) {
      audited?.fail(asFlotillaError(thrown))
      throw thrown
    }
  }

  async function passAudited(
    request: IncomingMessage,
    pass: (client: KubeClient, target: ProxyTarget) => Promise<ProxyOutcome>,
    audited: AuditedExchange | undefined,
  ): Promise<void> {
    const { client, path, person, ...exchange } = await authorise(request)
    audited?.isOf(person, exchange)
    const recording = services.recordings.of({ request, path, cluster: exchange.cluster, person, audited })
    const opened = open.open(exchange)
    if (opened === undefined)
      throw new FlotillaError('server.busy', {
        message: 'This session has too many requests open',
        remedy: 'End a watch or a port-forward and try again',
        retryAfter: 5,
      })
    let recorder: ShellRecorder | undefined
    let status = 0
    try {
      // a shell that has to be recorded and cannot be is none
      recorder = await recording?.()
      await audited?.begin(client, opened.signal)
      audited?.listen(request)
      const outcome = await pass(client, { path, signal: opened.signal, tap: recorder })
      status = outcome.status
      if (recorder !== undefined) audited?.says(await recorder.finish(status === 101))
      audited?.end(outcome)
    } finally {
      // a second time it does nothing
      await recorder?.finish(status === 101)
      opened.close()
    }
  }

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // whoever left is not told anything
    socket.on('error', () => undefined)
    if (!isOurs(request))
      return refuse(socket, new FlotillaError('request.not_found', { message: 'Nothing is upgraded here' }))
    passOn(request, (client, target) => proxyUpgrade(client, { request, socket, head }, target)).catch(
      (thrown: unknown) => refuse(socket, asFlotillaError(thrown)),
    )
  }

  return {
    open,
    request: (request, response) => {
      if (!isOurs(request)) return false
      passOn(request, (client, target) => proxyRequest(client, { request, response }, target)).catch(
        (thrown: unknown) => answerError(response, asFlotillaError(thrown)),
      )
      return true
    },
    upgrade: onUpgrade,
    close: () => {
      stopListening()
      open.stop()
    },
  }
}

const isOurs = ({ url = '' }: IncomingMessage): boolean => url.startsWith('/k8s/') || url === '/k8s'

/** Leaving the headers out in silence would do as oneself what was asked for as somebody else. */
function refuseImpersonation({ rawHeaders }: IncomingMessage): void {
  const asked = rawHeaders.find((name, at) => at % 2 === 0 && /^impersonate-/i.test(name))
  if (asked === undefined) return
  throw new FlotillaError('auth.forbidden', {
    message: `Through Flotilla everybody acts as themselves; ${asked} is not passed on`,
    remedy: 'Leave --as and --as-group out',
    field: asked.toLowerCase(),
  })
}

const noCluster = (name: string): FlotillaError =>
  new FlotillaError('cluster.not_found', {
    message: `There is no cluster "${name}", or you have no role that reaches it`,
    remedy:
      'flotilla kubeconfig writes those that you reach; an administrator of your workspace can add you to a project',
    field: 'cluster',
    value: name,
  })

function answerError(response: ServerResponse, error: FlotillaError): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { code, body } = kubeStatus(error)
  response.writeHead(code, refusalHeaders(error, body))
  response.end(body)
}

const refuse = (socket: Duplex, error: FlotillaError): void => refuseUpgrade(socket, error, kubeStatus(error))
