import { once } from 'node:events'
import { createServer as createPlain, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createSecure, type Server as SecureServer } from 'node:https'
import { type AddressInfo, createServer as createDoor, type Server as Door } from 'node:net'
import type { Duplex } from 'node:stream'
import cookie from '@fastify/cookie'
import { addresses, basePath } from '@flotilla/api'
import { anyRoutes } from '@flotilla/api/contract'
import { FlotillaError } from '@flotilla/model'
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { createExchangeAudit } from '../audit/audit-exchange.ts'
import { createRequestAudit } from '../audit/audit-request.ts'
import { createPlaces } from '../audit/places.ts'
import { createShellRecordings } from '../audit/recording/shell-recordings.ts'
import { createAuthorizer } from '../access/authorizer.ts'
import { createApiTokens } from '../access/api-tokens.ts'
import { createPeople } from '../access/people.ts'
import { createSessions } from '../access/sessions.ts'
import { createPasswordSignIn } from '../access/sign-in.ts'
import { createResourceIndex } from '../fleet/index/resource-index.ts'
import { bodyParsers } from './body-parsers.ts'
import { compressAnswer } from './compress-answer.ts'
import type { ListenAt } from '../serve-options.ts'
import type { HttpDeps } from './deps.ts'
import { toAnswer } from './error-answer.ts'
import type { Services } from './handler.ts'
import { createHandlers } from './handlers/index.ts'
import { createKubeTokens } from './kubernetes/kube-token.ts'
import { createKubernetesProxy, type KubernetesProxy } from './kubernetes/serve-kubernetes.ts'
import { registerRoute } from './register-route.ts'
import { serveManifests } from './serve-manifests.ts'
import { createReleaseIndex } from './releases/release-index.ts'
import { securityHeaders } from './security-headers.ts'
import { serveConsole } from './serve-console.ts'
import { createLiveStream } from './stream/live-stream.ts'
import { defaultLimits } from './stream/stream-reader.ts'
import { createTrustedProxies } from './trusted-proxies.ts'
import { createBothProtocols } from './tls/both-protocols.ts'
import { keepRenewed } from './tls/keep-renewed.ts'
import { createFleetIndex } from './views/fleet-index.ts'
import { createVisibility } from './visibility.ts'
import { createDocumentReader } from './yaml/document-reader.ts'

export interface HttpServer {
  readonly app: FastifyInstance
  /** Live streams that are open. */
  readers(): number
  /** Port 0 takes a free one. Gives the address people open: the first. */
  listen(at: ListenAt, also?: readonly ListenAt[]): Promise<{ url: string; port: number }>
  /** Live streams are told; open requests may finish for a moment. */
  close(): Promise<void>
}

const sweepMs = 60 * 60 * 1000
const ownRenewalMs = 24 * sweepMs
/** Operators have their certificates renewed at any time, days before they end. */
const givenRenewalMs = 60_000
const minVersion = 'TLSv1.2'

/** The HTTP side of the server: API, live stream and console, from the contract table. */
export async function createHttp(deps: HttpDeps): Promise<HttpServer> {
  const people = createPeople(deps.state)
  const index = createFleetIndex({ state: deps.state, fleet: deps.fleet })
  const releases = createReleaseIndex({
    state: deps.state,
    people,
    documents: deps.rolloutDocuments,
    clock: deps.clock,
  })
  const authorizer = createAuthorizer({ client: deps.fleet.host, clock: deps.clock })
  const { state, clock } = deps
  const apiTokens = createApiTokens({ store: deps.store.apiTokens, clock })
  const places = createPlaces(deps.state)
  const auditing = { audit: deps.audit, places, now: () => deps.clock.now() }
  const services: Services = {
    deps,
    audited: { request: createRequestAudit(auditing), exchange: createExchangeAudit(auditing) },
    index,
    releases,
    resources: createResourceIndex({ fleet: deps.fleet, clock: deps.clock, log: deps.log, limits: deps.indexLimits }),
    authorizer,
    visibility: createVisibility(authorizer, deps.rbac),
    apiTokens,
    sessions: createSessions({ store: deps.store.sessions, tokens: apiTokens, state, people, clock }),
    recordings: createShellRecordings({
      store: deps.store.recordings,
      state,
      places,
      clock,
      platform: deps.recordShells,
      limits: deps.recordingLimits,
    }),
    signIn: createPasswordSignIn({ passwords: deps.store.passwords, people, clock: deps.clock }),
  }
  const documents = createDocumentReader()
  const stream = createLiveStream(services, { ...defaultLimits, ...deps.streamLimits })
  const tokens = createKubeTokens({ key: deps.store.digestKey, clock: deps.clock })
  const handlers = createHandlers(services, people, documents, tokens)
  const kubernetes = createKubernetesProxy({ services, people, tokens, limits: deps.exchangeLimits })

  const { app, secure } = newFastify(deps, kubernetes)
  await app.register(cookie)
  bodyParsers(app)
  const headers = securityHeaders(deps.tls !== undefined)
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(headers)
  })
  app.addHook('onSend', compress)
  app.setErrorHandler<FastifyError>((thrown, request, reply) => sendError(reply, thrown, deps, request))
  app.setNotFoundHandler((request, reply) => sendError(reply, notFound(request), deps, request))
  app.get('/healthz', async () => ({ ok: true }))
  serveManifests(app, deps.agents)
  for (const route of anyRoutes) registerRoute(app, { route, services, handlers, stream })
  await serveConsole(app, deps.consoleDir)

  for (const server of new Set<AnyServer>(secure === undefined ? [app.server] : [app.server, secure]))
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (deps.agentDoor?.upgrade(request, socket, head) !== true) kubernetes.upgrade(request, socket, head)
    })
  const source = deps.tls ?? deps.own
  const everyMs = deps.tls === undefined ? ownRenewalMs : givenRenewalMs
  const renewal =
    source === undefined || secure === undefined
      ? undefined
      : keepRenewed(source, (next) => secure.setSecureContext({ ...next, minVersion }), { everyMs, log: deps.log })

  const sweep = setInterval(() => {
    Promise.all([services.sessions.removeExpired(), apiTokens.removeExpired()]).catch((thrown: unknown) => {
      deps.log.warn('sessions not swept', { reason: thrown instanceof Error ? thrown.message : String(thrown) })
    })
  }, sweepMs)
  sweep.unref()

  const doors: Door[] = []
  return {
    app,
    readers: () => stream.readers,
    listen: async ({ host, port }, also = []) => {
      await app.listen({ host, port })
      for (const at of also) doors.push(await openDoor(app.server, at))
      const bound = app.server.address()
      const actual = isAddress(bound) ? bound.port : port
      const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
      return { url: `${deps.tls === undefined ? 'http' : 'https'}://${shown}:${actual}`, port: actual }
    },
    close: async () => {
      clearInterval(sweep)
      clearInterval(renewal)
      for (const door of doors) door.close()
      kubernetes.close()
      stream.close()
      await app.close()
      await documents.close()
      index.close()
      releases.close()
      services.resources.close()
    },
  }
}

/** A further address of the same server: what comes in there is handed over, whatever it speaks. */
async function openDoor(server: AnyServer, { host, port }: ListenAt): Promise<Door> {
  const door = createDoor({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit('connection', socket))
  door.listen({ host, port })
  await once(door, 'listening')
  return door
}

type AnyServer = FastifyInstance['server'] | SecureServer

function newFastify(deps: HttpDeps, kubernetes: KubernetesProxy): { app: FastifyInstance; secure?: SecureServer } {
  // headers and body of one request have to come in this time; answers may take as long as they take
  const timeouts = {
    requestTimeout: 120_000,
    keepAliveTimeout: 75_000,
    // elsewhere the header is an offer that is not taken (RFC 9110, section 7.8), as curl and Java make it for HTTP/2
    shouldUpgradeCallback: ({ url = '' }: IncomingMessage) => /^\/(?:k8s|agent|replica)(?:\/|$)/.test(url),
  }
  let secure: SecureServer | undefined
  const app = Fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    requestTimeout: timeouts.requestTimeout,
    keepAliveTimeout: timeouts.keepAliveTimeout,
    routerOptions: { maxParamLength: 300 },
    // open streams end with the server instead of holding it up
    forceCloseConnections: true,
    trustProxy: deps.trustedProxies === undefined ? false : createTrustedProxies(deps.trustedProxies),
    return503OnClosing: true,
    frameworkErrors: (thrown: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      void sendError(reply, thrown, deps, request)
    },
    serverFactory: (routes) => {
      // before Fastify: what is passed on is neither parsed, nor measured, nor changed
      const listener: RequestListener = (request, response) => {
        if (!kubernetes.request(request, response)) routes(request, response)
      }
      if (deps.tls !== undefined) {
        secure = createSecure({ ...deps.tls.certificate, ...timeouts, minVersion }, listener)
        return secure
      }
      if (deps.own === undefined) return createPlain(timeouts, listener)
      const both = createBothProtocols({ ...deps.own.certificate, ...timeouts }, listener)
      secure = both.secure
      return both.server
    },
  })
  return secure === undefined ? { app } : { app, secure }
}

async function sendError(
  reply: FastifyReply,
  thrown: unknown,
  deps: Pick<HttpDeps, 'log'>,
  request: FastifyRequest,
): Promise<FastifyReply> {
  const error = toAnswer(thrown, deps.log, request.routeOptions?.url ?? 'unknown')
  if (error.retryAfter !== undefined) reply.header('retry-after', String(error.retryAfter))
  if (error.code === 'auth.required') reply.header('www-authenticate', 'Bearer realm="flotilla"')
  return await reply
    .status(error.status)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ error: error.toJSON() }))
}

function notFound(request: FastifyRequest): FlotillaError {
  const path = request.url.split('?')[0] ?? ''
  const known = Object.values<{ path: string }>(addresses).some(({ path: route }) => matches(route, path))
  return new FlotillaError('request.not_found', {
    message: known ? `${request.method} is not what this address takes` : 'There is nothing at this address',
    field: 'path',
    value: path,
  })
}

function matches(route: string, path: string): boolean {
  const wanted = `${basePath}${route}`.split('/')
  const given = path.split('/')
  return wanted.length === given.length && wanted.every((part, at) => part.startsWith(':') || part === given[at])
}

async function compress(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (typeof payload !== 'string' || !String(reply.getHeader('content-type')).startsWith('application/json'))
    return payload
  reply.header('vary', 'accept-encoding')
  const accept = request.headers['accept-encoding']
  const smaller = await compressAnswer(payload, typeof accept === 'string' ? accept : undefined)
  if (smaller === undefined) return payload
  reply.header('content-encoding', smaller.encoding)
  return smaller.bytes
}

const isAddress = (bound: string | AddressInfo | null): bound is AddressInfo =>
  typeof bound === 'object' && bound !== null
