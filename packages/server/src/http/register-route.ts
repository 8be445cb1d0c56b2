import { finished } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { basePath, type RouteId } from '@flotilla/api'
import type { AnyRoute, ResourceRight } from '@flotilla/api/contract'
import { FlotillaError, parseInput, projectNamespace, systemNamespace } from '@flotilla/model'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { flowMs } from '../access/providers/sealed-flow.ts'
import type { AuditedRequest } from '../audit/audit-request.ts'
import { notSignedIn, type OpenSession } from '../access/sessions.ts'
import type { TokenScope } from '../store/store.ts'
import type { Caller, Exchange, Handlers, Services } from './handler.ts'
import { cookiesOf } from './cookies.ts'
import { checkOrigin } from './proof-of-origin.ts'
import { securityHeaders } from './security-headers.ts'
import type { LiveStream } from './stream/live-stream.ts'

export interface RouteParts {
  readonly route: AnyRoute
  readonly services: Services
  readonly handlers: Handlers
  readonly stream: LiveStream
}

interface Ready {
  readonly caller: Caller | undefined
  readonly params: Record<string, unknown> | undefined
  readonly query: Record<string, unknown> | undefined
}

/** Makes one route of the table real: who asks, from where, with which right, and what is asked; then its handler. */
export function registerRoute(app: FastifyInstance, { route, services, handlers, stream }: RouteParts): void {
  const ready = new WeakMap<FastifyRequest, Ready>()
  const audits = new WeakMap<FastifyRequest, AuditedRequest>()
  const auditOf = (request: FastifyRequest): AuditedRequest => {
    const known = audits.get(request)
    if (known !== undefined) return known
    const audited = services.audited.request(route, request.ip)
    audits.set(request, audited)
    return audited
  }
  app.route({
    method: route.method,
    url: `${basePath}${route.path}`,
    bodyLimit: route.maxBodyBytes ?? 64 * 1024,
    // before the body is read: whoever may not ask sends nothing
    onRequest: async (request) => {
      const audited = auditOf(request)
      const token = tokenOf(request, services)
      const session = token === undefined ? undefined : await services.sessions.find(token.value)
      const byCookie = token?.from === 'cookie' || route.id === 'session.signIn' || route.id.startsWith('signIn.')
      if (session !== undefined && route.rights.kind !== 'public')
        audited.isOf(session.person, session.session.tokenHash)
      checkOrigin({ method: request.method, host: request.headers.host, headers: request.headers, byCookie })
      if (session === undefined && route.rights.kind !== 'public') throw notSignedIn()
      const caller = session === undefined ? undefined : callerOf(session, audited, services)
      const params = route.params === undefined ? undefined : parseInput(route.params, request.params)
      audited.asks({ params })
      if (caller !== undefined) {
        checkToken(route, session?.scope)
        await checkPassword(route, caller, services)
        await checkRights(route, caller, params, services)
      }
      const query = route.query === undefined ? undefined : parseInput(route.query, request.query)
      audited.asks({ query })
      ready.set(request, { caller, params, query })
    },
    errorHandler: (thrown, request) => {
      const known = thrown instanceof FlotillaError ? thrown : undefined
      auditOf(request).end({ status: known?.status ?? thrown.statusCode ?? 500, error: known })
      // the server's own handler answers
      throw thrown
    },
    handler: async (request, reply) => {
      const { caller, params, query } = ready.get(request) ?? { caller: undefined, params: undefined, query: undefined }
      if (route.id === 'stream.watch') {
        if (caller === undefined) throw notSignedIn()
        reply.hijack()
        return await stream.serve({
          request: request.raw,
          response: reply.raw,
          caller,
          query,
          headers: securityHeaders(services.deps.tls !== undefined),
        })
      }
      const audited = auditOf(request)
      const body = bodyOf(route, request)
      audited.asks({ body })
      await audited.begin()
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort(new Error('the client went away')))
      const ask = {
        params,
        query,
        body,
        caller,
        exchange: exchangeOf(request, reply, gone.signal, { services, audited }),
      }
      reply.header('cache-control', 'no-store')
      const answer = callHandler(handlers, route.id, ask)
      if (route.answer === 'ndjson') {
        await sendLines(reply, answer)
        return audited.end({ status: 200 })
      }
      const result = await answer
      audited.end({ status: route.status ?? 200 })
      if (services.deps.checkAnswers === true) checkAnswer(route, result)
      return await reply
        .status(route.status ?? 200)
        .type('application/json; charset=utf-8')
        .send(JSON.stringify(result))
    },
  })
}

const ownCookies = (request: FastifyRequest, { deps }: Pick<Services, 'deps'>) =>
  cookiesOf(request, { tls: deps.tls !== undefined })

function tokenOf(
  request: FastifyRequest,
  services: Pick<Services, 'deps'>,
): { value: string; from: 'cookie' | 'header' } | undefined {
  const { authorization } = request.headers
  if (authorization !== undefined) {
    const [, value] = /^Bearer ([\x21-\x7e]{1,256})$/i.exec(authorization) ?? []
    return value === undefined ? undefined : { value, from: 'header' }
  }
  const value = request.cookies[ownCookies(request, services).session.name]
  return value === undefined ? undefined : { value, from: 'cookie' }
}

function callerOf({ session, person, scope }: OpenSession, audited: AuditedRequest, services: Services): Caller {
  return {
    person,
    identity: person.identity,
    host: audited.watch(services.deps.fleet.host.as(person.identity)),
    tokenHash: session.tokenHash,
    kind: session.kind,
    expiresAt: session.expiresAt,
    scope,
  }
}

/** What a token that only reads may still ask by POST: it changes nothing. */
const asking: ReadonlySet<string> = new Set(['access.check', 'access.review', 'kubernetes.token'])

/** A token works within its bounds, and never for another token, session or password: whoever stole one could stay. */
function checkToken({ id, method, rights }: AnyRoute, scope: TokenScope | undefined): void {
  if (scope === undefined || rights.kind === 'public') return
  if (id.startsWith('tokens.') || id === 'users.setPassword' || (id.startsWith('session.') && id !== 'session.get'))
    throw new FlotillaError('auth.forbidden', {
      message: 'An API token does not do this; it takes a person who is signed in',
      remedy: 'Sign in: in the console, or with flotilla login',
    })
  if (scope.access === 'read' && method !== 'GET' && !asking.has(id))
    throw new FlotillaError('auth.forbidden', {
      message: 'This token only reads',
      remedy: 'Make one that may write, too',
    })
}

/** A password that somebody else chose opens nothing but its own change. */
async function checkPassword(route: AnyRoute, caller: Caller, services: Services): Promise<void> {
  if (route.id.startsWith('session.') || route.rights.kind === 'public') return
  if (!(await services.signIn.mustChange(caller.person.uid))) return
  throw new FlotillaError('auth.forbidden', {
    message: 'The password was set by somebody else and has to be changed first',
    remedy: 'Change it in the console, or with flotilla passwd',
  })
}

/** What the table says must hold. Lists are filtered by their handlers, and `named` is decided by the host's API server. */
async function checkRights(
  route: AnyRoute,
  caller: Caller,
  params: Record<string, unknown> | undefined,
  services: Services,
): Promise<void> {
  const { rights } = route
  if (rights.kind !== 'kubernetes' || rights.mode === 'filter') return
  for (const need of rights.needs) {
    const namespace = namespaceOf(need, params)
    if (namespace === undefined) continue
    const { verb, resource, group } = need
    await services.authorizer.check(caller.identity, { verb, resource, group, namespace })
  }
}

function namespaceOf(need: ResourceRight, params: Record<string, unknown> | undefined): string | undefined {
  switch (need.scope) {
    case 'cluster':
      return ''
    case 'system':
      return systemNamespace
    case 'project':
      return projectNamespace(String(params?.['project']))
    case 'named':
      return undefined
    default:
      return need.scope satisfies never
  }
}

function bodyOf(route: AnyRoute, request: FastifyRequest): unknown {
  if (route.sends === 'bytes') {
    if (Buffer.isBuffer(request.body)) return request.body
    throw new FlotillaError('input.invalid', { message: 'The body must be application/octet-stream', field: 'body' })
  }
  return route.body === undefined ? undefined : parseInput(route.body, request.body)
}

function exchangeOf(
  request: FastifyRequest,
  reply: FastifyReply,
  signal: AbortSignal,
  { services, audited }: { readonly services: Services; readonly audited: AuditedRequest },
): Exchange {
  const { session, flow } = ownCookies(request, services)
  return {
    signal,
    address: request.ip,
    setSessionCookie: (token, expiresAt) => {
      reply.setCookie(session.name, token, { ...session.options, expires: new Date(expiresAt) })
    },
    clearSessionCookie: () => {
      reply.clearCookie(session.name, session.options)
    },
    flowCookie: request.cookies[flow.name],
    setFlowCookie: (sealed) => {
      if (sealed === undefined) reply.clearCookie(flow.name, flow.options)
      else reply.setCookie(flow.name, sealed, { ...flow.options, maxAge: flowMs / 1000 })
    },
    claims: audited.claims,
    isOf: audited.isOf,
  }
}

function callHandler(handlers: Handlers, id: Exclude<RouteId, 'stream.watch'>, ask: unknown): unknown {
  // what the handler takes was parsed by the schemas of the same line of the table
  const handler = handlers[id] as (ask: unknown) => unknown
  return handler(ask)
}

async function sendLines(reply: FastifyReply, items: unknown): Promise<void> {
  if (typeof items !== 'object' || items === null || !(Symbol.asyncIterator in items)) throw new Error('not a stream')
  const iterator = (items as AsyncIterable<unknown>)[Symbol.asyncIterator]()
  // an error before the first item is still answered as one
  const first = await iterator.next()
  async function* lines(): AsyncIterable<string> {
    try {
      for (let step = first; step.done !== true; step = await iterator.next()) yield `${JSON.stringify(step.value)}\n`
    } finally {
      await iterator.return?.()
    }
  }
  const source = Readable.from(lines(), { highWaterMark: 64 })
  reply.header('x-accel-buffering', 'no')
  await reply.type('application/x-ndjson; charset=utf-8').send(source)
  await finished(reply.raw).catch(() => undefined)
}

function checkAnswer(route: AnyRoute, result: unknown): void {
  const checked = route.result.safeParse(result)
  if (checked.success) return
  const [issue] = checked.error.issues
  throw new Error(`${route.id} answered against the contract: ${issue?.path.join('.')} ${issue?.message}`)
}
