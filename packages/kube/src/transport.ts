import type { Duplex, Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { FlotillaError } from '@flotilla/model'
import { backoff, parseRetryAfter } from './backoff.ts'
import { parseBody, readBytes } from './body.ts'
import { Breaker, type ConnectionState } from './breaker.ts'
import type { Clock } from './clock.ts'
import type { ClusterConnection, Purpose } from './connection.ts'
import { createDeadline, type Deadline } from './deadline.ts'
import { createDialer, type Dial } from './dial.ts'
import { KubeError } from './kube-error.ts'
import { createHeartbeat, type Heartbeat } from './heartbeat.ts'
import type { ClientLimits } from './limits.ts'
import { Limiter } from './limiter.ts'
import { Pools, type PoolName } from './pools.ts'
import { statusError } from './status-error.ts'
import { timeoutError, transportError, type TimeoutContext } from './transport-error.ts'

export type Headers = Record<string, string | string[]>
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>

/** One request as the transport sends it; the path is complete and already checked. */
export interface Call {
  readonly method: string
  readonly path: string
  readonly headers: Headers
  readonly body?: string | Buffer | undefined
  readonly idempotent: boolean
  readonly timeoutMs?: number | undefined
  readonly retries?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: AnswerHeaders
  readonly body: AsyncIterable<Uint8Array>
}

/** An answer that goes on. Whoever reads it says `heard` for what came, which spares the API server a heartbeat. */
export interface OpenAnswer {
  readonly status: number
  readonly headers: AnswerHeaders
  readonly body: Readable
  heard(): void
  close(): void
}

type StreamedCall = Omit<Call, 'body'> & { readonly body?: Dispatcher.DispatchOptions['body'] | undefined }

const errorBodyBytes = 256 * 1024
const retryBaseMs = 200
const retryMaxMs = 5_000
const connectTimeoutMs = 10_000
/** A caller in a hurry must not close a cluster for everybody: shorter waits than this tell nothing of it. */
const tellingWaitMs = 2_000

export interface TransportOptions {
  readonly name: string
  readonly connection: ClusterConnection
  readonly userAgent: string
  readonly limits: ClientLimits
  readonly clock: Clock
  /** Asked right before each request that may change something is sent; what it throws is the answer. */
  readonly beforeWrite?: (() => void) | undefined
}

/** Connections of one cluster: pools, breaker, limits, retries, heartbeat. Knows HTTP, not Kubernetes. */
export class Transport {
  readonly name: string
  readonly server: string
  readonly clock: Clock
  readonly #connection: ClusterConnection
  readonly #prefix: string
  readonly #userAgent: string
  readonly #beforeWrite: (() => void) | undefined
  readonly #limits: ClientLimits
  readonly #dial: Dial
  readonly #pools: Pools
  readonly #breaker: Breaker
  readonly #requests: Limiter
  readonly #streams: Limiter
  readonly #heartbeat: Heartbeat
  readonly #closed = new AbortController()

  constructor(options: TransportOptions) {
    const { name, connection, limits, clock } = options
    const url = new URL(connection.server)
    this.name = name
    this.server = url.host
    this.clock = clock
    this.#connection = connection
    this.#prefix = url.pathname.replace(/\/+$/, '')
    this.#userAgent = options.userAgent
    this.#beforeWrite = options.beforeWrite
    this.#limits = limits
    this.#dial = createDialer(connection, connectTimeoutMs)
    this.#pools = new Pools({
      origin: url.origin,
      dial: this.#dial,
      sizes: { requests: limits.concurrency, streams: limits.streams },
    })
    this.#breaker = new Breaker({ name, clock, failures: limits.breakerFailures, maxWaitMs: limits.breakerMaxWaitMs })
    this.#requests = new Limiter({
      limit: limits.concurrency,
      queue: limits.queue,
      what: `requests to cluster ${name}`,
    })
    this.#streams = new Limiter({ limit: limits.streams, queue: 0, what: `streams of cluster ${name}` })
    this.#heartbeat = createHeartbeat({
      clock,
      intervalMs: limits.heartbeatMs,
      signal: this.#closed.signal,
      probe: (timeoutMs) => this.#probe(timeoutMs),
      breaker: this.#breaker,
    })
    this.#breaker.onChange((state) => {
      if (state.state === 'open') this.#pools.reset(Object.assign(new Error(state.reason), { code: 'ECONNRESET' }))
    })
  }

  get breaker(): ConnectionState {
    return this.#breaker.state
  }

  /** Requests under way and waiting, and open streams. */
  get load(): { requests: number; waiting: number; streams: number } {
    return { requests: this.#requests.active, waiting: this.#requests.waiting, streams: this.#streams.active }
  }

  /** Aborts when the client is closed: nothing is asked over it any more. */
  get closed(): AbortSignal {
    return this.#closed.signal
  }

  /** When the API server last sent anything, in milliseconds since the epoch; 0 for never. */
  get lastHeard(): number {
    return this.#heartbeat.lastHeard
  }

  /** For how long nothing was heard, in milliseconds. */
  get silentMs(): number {
    return this.#heartbeat.silentMs
  }

  onBreaker(listener: (state: ConnectionState) => void): () => void {
    return this.#breaker.onChange(listener)
  }

  /** Resolves as soon as the breaker is closed; while anybody waits here, the cluster is probed. */
  whenReachable(signal: AbortSignal): Promise<void> {
    return this.#heartbeat.whenReachable(signal)
  }

  /** Sends, within deadline and limits, and reads the answer with `read`; repeats what may be repeated. */
  async call<T>(call: Call, read: (answer: Answer) => Promise<T>): Promise<T> {
    const deadline = createDeadline(call.timeoutMs ?? this.#limits.timeoutMs, call.signal)
    const retries = call.retries ?? this.#limits.retries
    const progress: Progress = { phase: 'waiting for its turn' }
    let token: string | undefined
    try {
      for (let attempt = 0; ; attempt++) {
        try {
          return await this.#attempt(call, read, deadline, progress, (used) => (token = used))
        } catch (thrown) {
          const error = this.#named(thrown, call, deadline, progress)
          const wait = await this.#waitBefore(error, { call, attempt, retries, token })
          if (wait === undefined || wait >= deadline.remainingMs) throw error
          progress.phase = 'waiting to try again'
          try {
            await this.clock.sleep(wait, deadline.signal)
          } catch {
            throw error
          }
        }
      }
    } finally {
      deadline.clear()
    }
  }

  /** Opens an answer of any length. The deadline ends with its head; the stream ends with the signal or `close`. */
  async open(call: Call): Promise<OpenAnswer> {
    return this.#open(call, async (answer) => {
      if (answer.statusCode >= 400) throw await this.#refusal(answer, call)
    })
  }

  /** As `open` for a proxy: answers of any status are passed on, and the body may be a stream. */
  async relay(call: StreamedCall): Promise<OpenAnswer> {
    return this.#open(call, async () => {})
  }

  async #open(call: StreamedCall, check: (answer: Dispatcher.ResponseData) => Promise<void>): Promise<OpenAnswer> {
    const deadline = createDeadline(call.timeoutMs ?? this.#limits.timeoutMs, call.signal)
    const progress: Progress = { phase: 'waiting for its turn' }
    let release = (): void => {}
    try {
      release = await this.#streams.acquire(deadline.signal)
      const answer = await this.#send('streams', call, deadline, progress)
      await check(answer)
      deadline.lift()
      return this.#opened(answer, deadline, release)
    } catch (thrown) {
      release()
      const error = this.#named(thrown, call, deadline, progress)
      deadline.clear()
      throw error
    }
  }

  /** A connection of its own, ready for HTTP/1.1; for upgrades. Counts as a stream until `release`. */
  async connect(signal: AbortSignal, purpose: Purpose): Promise<{ socket: Duplex; release: () => void }> {
    const release = await this.#streams.acquire(signal)
    try {
      this.#breaker.admit()
      const socket = await this.#dial(signal, purpose)
      this.#heard()
      return { socket, release }
    } catch (thrown) {
      release()
      const error = transportError(thrown, this)
      if (signal.aborted || error.code !== 'cluster.unreachable') this.#breaker.abandoned()
      else this.#breaker.failed(error.message)
      throw error
    }
  }

  /** A path as the server wants it: behind the prefix of its address. */
  fullPath(path: string): string {
    return this.#prefix + path
  }

  /** Headers that say who we are; overwritten by nobody. */
  async ownHeaders(): Promise<Headers> {
    const { auth } = this.#connection
    const headers: Headers = { 'user-agent': this.#userAgent }
    if (auth.kind === 'token') headers['authorization'] = `Bearer ${await auth.token()}`
    return headers
  }

  async close(): Promise<void> {
    this.#closed.abort(new Error('the client was closed'))
    await this.#pools.close()
  }

  async #attempt<T>(
    call: Call,
    read: (answer: Answer) => Promise<T>,
    deadline: Deadline,
    progress: Progress,
    used: (token: string | undefined) => void,
  ): Promise<T> {
    progress.phase = 'waiting for its turn'
    const release = await this.#requests.acquire(deadline.signal)
    try {
      const answer = await this.#send('requests', call, deadline, progress, used)
      if (answer.statusCode >= 400) throw await this.#refusal(answer, call)
      progress.phase = 'reading the answer'
      return await read({ status: answer.statusCode, headers: answer.headers, body: answer.body })
    } finally {
      release()
    }
  }

  async #send(
    pool: PoolName,
    call: StreamedCall,
    deadline: Deadline,
    progress: Progress,
    used?: (token: string | undefined) => void,
  ): Promise<Dispatcher.ResponseData> {
    const own = await this.ownHeaders()
    used?.(typeof own['authorization'] === 'string' ? own['authorization'] : undefined)
    if (call.method !== 'GET' && call.method !== 'HEAD') this.#beforeWrite?.()
    this.#breaker.admit()
    progress.phase = 'waiting for the answer'
    const started = performance.now()
    try {
      const answer = await this.#pools.get(pool).request({
        method: call.method,
        path: this.fullPath(call.path),
        headers: { ...call.headers, ...own },
        ...(call.body !== undefined && { body: call.body }),
        signal: deadline.signal,
        idempotent: call.idempotent,
      })
      this.#heard()
      return answer
    } catch (thrown) {
      const waited = performance.now() - started
      if (!deadline.signal.aborted) this.#breaker.failed(transportError(thrown, this).message)
      else if (deadline.expired && waited >= tellingWaitMs) this.#breaker.failed('it did not answer in time.')
      else this.#breaker.abandoned()
      throw thrown
    }
  }

  #opened(answer: Dispatcher.ResponseData, deadline: Deadline, release: () => void): OpenAnswer {
    const { body } = answer
    const stopBeating = this.#heartbeat.opened()
    body.once('close', () => {
      release()
      stopBeating()
      deadline.clear()
    })
    body.on('error', () => {})
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body,
      heard: () => this.#heartbeat.heard(),
      close: () => void body.destroy(),
    }
  }

  async #refusal(answer: Dispatcher.ResponseData, call: Pick<Call, 'method' | 'path'>): Promise<FlotillaError> {
    const bytes = await readBytes(answer.body, errorBodyBytes).catch(() => Buffer.alloc(0))
    return statusError(answer.statusCode, parseBody(bytes, answer.headers['content-type']), {
      cluster: this.name,
      method: call.method,
      path: withoutQuery(call.path),
      retryAfter: parseRetryAfter(answer.headers['retry-after'], this.clock.now()),
    })
  }

  /** Milliseconds to wait before the next attempt, or undefined when there is none. */
  async #waitBefore(
    error: unknown,
    at: { call: Call; attempt: number; retries: number; token: string | undefined },
  ): Promise<number | undefined> {
    if (!(error instanceof FlotillaError) || at.attempt >= at.retries) return undefined
    if (error.code === 'cluster.unauthorized') {
      return at.attempt === 0 && (await this.#tokenChanged(at.token)) ? 0 : undefined
    }
    if (!at.call.idempotent) return undefined
    const wait = backoff(at.attempt, { baseMs: retryBaseMs, maxMs: retryMaxMs, random: () => this.clock.random() })
    if (error instanceof KubeError && (error.code === 'kube.overloaded' || error.code === 'kube.unavailable')) {
      return error.retryAfter === undefined ? wait : error.retryAfter * 1000 + wait
    }
    return error.code === 'cluster.unreachable' ? wait : undefined
  }

  async #tokenChanged(used: string | undefined): Promise<boolean> {
    if (this.#connection.auth.kind !== 'token') return false
    return (await this.ownHeaders())['authorization'] !== used
  }

  #named(thrown: unknown, call: StreamedCall, deadline: Deadline, progress: Progress): unknown {
    if (deadline.expired) {
      const { method, path } = call
      const context: Omit<TimeoutContext, 'phase'> = {
        cluster: this.name,
        method,
        path: withoutQuery(path),
        timeoutMs: deadline.timeoutMs,
      }
      return timeoutError({ ...context, phase: progress.phase })
    }
    if (deadline.signal.aborted) return deadline.signal.reason
    return transportError(thrown, this)
  }

  #heard(): void {
    this.#heartbeat.heard()
    this.#breaker.answered()
  }

  /** Any answer will do, a refusal too: it is there. */
  async #probe(timeoutMs: number): Promise<void> {
    const call: Call = { method: 'GET', path: '/readyz', headers: {}, idempotent: true, timeoutMs, retries: 0 }
    try {
      await this.call({ ...call, signal: this.#closed.signal }, (answer) => readBytes(answer.body, errorBodyBytes))
    } catch (thrown) {
      if (!(thrown instanceof FlotillaError) || thrown.code.startsWith('cluster.')) throw thrown
    }
  }
}

interface Progress {
  phase: TimeoutContext['phase']
}

const withoutQuery = (path: string): string => path.split('?', 1)[0] ?? path
