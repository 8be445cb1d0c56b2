import { createServer, request as startRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ClusterConnection } from '../connection.ts'
import { createDialer, type Dial } from '../dial.ts'
import { createTestCertificate } from './certificates.ts'

/** What goes wrong with a request that passes. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number; readonly body?: unknown }
  | { readonly kind: 'delay'; readonly ms: number }
  /** The request passes at once, and its answer so much later. */
  | { readonly kind: 'late'; readonly ms: number }
  /** The request is taken and never answered. */
  | { readonly kind: 'hang' }
  /** The connection is cut after so many bytes of the answer's body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** As `cut`, but without a sign: nothing more comes, the connection stays. */
  | { readonly kind: 'silence'; readonly afterBytes: number }

export interface FaultRule {
  readonly match?: (request: SeenRequest) => boolean
  /** How often; without end when left out. */
  readonly times?: number
  readonly fault: Fault
}

export interface SeenRequest {
  readonly method: string
  /** With query. */
  readonly path: string
  readonly at: number
}

/** A relay before a real API server, which tests tell what to do wrong. On the loopback, in plain HTTP unless it is told otherwise. */
export interface FaultProxy extends AsyncDisposable {
  /** Goes to the API server through the proxy; as the identity of the upstream connection. */
  readonly connection: ClusterConnection
  readonly seen: readonly SeenRequest[]
  /** Adds a rule; rules are tried in order. Returns the way to end it. */
  rule(rule: FaultRule): () => void
  /** Ends all rules. */
  clear(): void
  /** Cuts what is open. */
  cutAll(): void
  /** From now on nothing passes and nothing is answered, but connections stay open and new ones are accepted. */
  blackHole(on: boolean): void
  /** Connections are refused while off. */
  listen(on: boolean): Promise<void>
  /** Writes a line into every open answer whose path matches. Returns how many there were. */
  inject(line: string, match: (path: string) => boolean): number
  setUpstream(connection: ClusterConnection): void
}

export async function createFaultProxy(
  upstream: ClusterConnection,
  { tls = false }: { readonly tls?: boolean } = {},
): Promise<FaultProxy> {
  const rules = new Map<FaultRule, number>()
  const seen: SeenRequest[] = []
  const sockets = new Set<Duplex>()
  const answers = new Set<{ path: string; response: ServerResponse }>()
  const state = { silent: false, connection: upstream, dial: createDialer(upstream, 10_000) }
  const held = new Set<() => void>()

  const authority = createTestCertificate({ name: 'fault proxy' })
  const { certPem: cert, keyPem: key } = createTestCertificate({
    name: '127.0.0.1',
    issuer: authority,
    ipAddresses: ['127.0.0.1'],
  })
  const server = tls ? createTlsServer({ cert, key }) : createServer()
  server.on('request', (request, response) => void pass(request, response))
  server.on('upgrade', (request, socket, head) => void passUpgrade(request, socket, head))
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.requestTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  function faultFor(request: SeenRequest): Fault | undefined {
    for (const [rule, left] of rules) {
      if (rule.match !== undefined && !rule.match(request)) continue
      if (left === 1) rules.delete(rule)
      else rules.set(rule, left - 1)
      return rule.fault
    }
    return undefined
  }

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const one = { method: request.method ?? 'GET', path: request.url ?? '/', at: Date.now() }
    seen.push(one)
    const fault = faultFor(one)
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'status') return answerStatus(response, fault)
    if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms))
    await whileSilent()
    const socket = await state.dial(AbortSignal.timeout(10_000)).catch(() => undefined)
    if (socket === undefined) return void response.destroy()
    const outgoing = startRequest({
      method: one.method,
      path: one.path,
      headers: await upstreamHeaders(request, state.connection),
      setHost: false,
      createConnection: () => socket,
    })
    response.once('close', () => socket.destroy())
    outgoing.on('error', () => response.destroy())
    outgoing.on('response', (answer) => void passAnswer(answer, { path: one.path, response }, fault))
    request.pipe(outgoing)
  }

  async function passAnswer(
    answer: IncomingMessage,
    open: { path: string; response: ServerResponse },
    fault: Fault | undefined,
  ): Promise<void> {
    const { response } = open
    if (fault?.kind === 'late') await new Promise((resolve) => setTimeout(resolve, fault.ms))
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
    response.flushHeaders()
    answers.add(open)
    let passed = 0
    try {
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        await whileSilent()
        if (fault?.kind === 'cut' && passed + chunk.length > fault.afterBytes) {
          await write(response, chunk.subarray(0, fault.afterBytes - passed))
          response.destroy()
          return
        }
        if (fault?.kind === 'silence' && passed + chunk.length > fault.afterBytes) {
          await write(response, chunk.subarray(0, fault.afterBytes - passed))
          await new Promise((resolve) => response.once('close', resolve))
          return
        }
        passed += chunk.length
        await write(response, chunk)
      }
      response.end()
    } catch {
      response.destroy()
    } finally {
      answers.delete(open)
    }
  }

  async function passUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    seen.push({ method: request.method ?? 'GET', path: request.url ?? '/', at: Date.now() })
    socket.on('error', () => socket.destroy())
    const upstreamSocket = await state.dial(AbortSignal.timeout(10_000)).catch(() => undefined)
    if (upstreamSocket === undefined) return void socket.destroy()
    upstreamSocket.on('error', () => socket.destroy())
    const headers = await upstreamHeaders(request, state.connection)
    const text = Object.entries({ ...headers, connection: 'Upgrade', upgrade: request.headers.upgrade ?? '' })
      .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => `${name}: ${one}\r\n`))
      .join('')
    upstreamSocket.write(`${request.method} ${request.url} HTTP/1.1\r\n${text}\r\n`)
    if (head.length > 0) upstreamSocket.write(head)
    socket.once('close', () => upstreamSocket.destroy())
    upstreamSocket.once('close', () => socket.destroy())
    relay(socket, upstreamSocket)
    relay(upstreamSocket, socket)
  }

  function relay(from: Duplex, to: Duplex): void {
    from.on('data', (chunk: Buffer) => {
      from.pause()
      void whileSilent().then(() => {
        to.write(chunk)
        from.resume()
        return undefined
      })
    })
    from.once('end', () => to.end())
  }

  function whileSilent(): Promise<void> {
    if (!state.silent) return Promise.resolve()
    return new Promise((resolve) => held.add(resolve))
  }

  const cutAll = (): void => sockets.forEach((socket) => socket.destroy())

  return {
    connection: tls
      ? { server: `https://127.0.0.1:${port}`, caPem: authority.certPem, auth: { kind: 'anonymous' } }
      : { server: `http://127.0.0.1:${port}`, auth: { kind: 'anonymous' } },
    seen,
    rule: (rule) => {
      rules.set(rule, rule.times ?? Infinity)
      return () => rules.delete(rule)
    },
    clear: () => rules.clear(),
    cutAll,
    blackHole: (on) => {
      state.silent = on
      if (on) return
      held.forEach((resume) => resume())
      held.clear()
    },
    listen: async (on) => {
      if (on) await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
      else {
        const closed = new Promise((resolve) => server.close(resolve))
        cutAll()
        await closed
      }
    },
    inject: (line, match) => {
      const open = [...answers].filter(({ path }) => match(path))
      for (const { response } of open) response.write(`${line}\n`)
      return open.length
    },
    setUpstream: (connection) => {
      state.connection = connection
      state.dial = createDialer(connection, 10_000) satisfies Dial
    },
    [Symbol.asyncDispose]: async () => {
      held.forEach((resume) => resume())
      if (!server.listening) return
      const closed = new Promise((resolve) => server.close(resolve))
      cutAll()
      await closed
    },
  }
}

function answerStatus(response: ServerResponse, fault: Extract<Fault, { kind: 'status' }>): void {
  const { status, retryAfter, body } = fault
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter)
  response.writeHead(status, headers)
  response.end(
    JSON.stringify(body ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, message: '' }),
  )
}

async function upstreamHeaders(
  request: IncomingMessage,
  { server, auth }: ClusterConnection,
): Promise<Record<string, string | string[]>> {
  const headers: Record<string, string | string[]> = {}
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    const name = (request.rawHeaders[at] ?? '').toLowerCase()
    const before = headers[name]
    const value = request.rawHeaders[at + 1] ?? ''
    headers[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value]
  }
  headers['host'] = new URL(server).host
  if (auth.kind === 'token') headers['authorization'] = `Bearer ${await auth.token()}`
  return headers
}

function write(response: ServerResponse, chunk: Buffer): Promise<void> {
  if (response.destroyed || response.write(chunk)) return Promise.resolve()
  return new Promise((resolve) => {
    response.once('drain', resolve)
    response.once('close', resolve)
  })
}
