import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { FlotillaError } from '@flotilla/model'
import { LineSplitter } from './line-splitter.ts'
import { parseWorkerError, type WorkerAnswer } from './worker-protocol.ts'

export interface WorkerCall {
  readonly method: string
  readonly params: unknown
  readonly timeoutMs: number
  /** Bytes that the worker may answer with, all lines together. */
  readonly maxBytes: number
  readonly signal?: AbortSignal | undefined
  /** Results that come before the last: one object each, and as the line that it came in. */
  readonly onItem?: ((item: unknown, line: string) => void) | undefined
  /** Answers a question of the worker; what it throws fails the call. */
  readonly onLookup?: ((query: unknown, signal: AbortSignal) => Promise<unknown>) | undefined
}

/** The worker ended without an answer. `reason` decides whether another try makes sense. */
export class WorkerDied extends Error {
  readonly reason: 'memory' | 'recursion' | 'unknown'
  constructor(reason: WorkerDied['reason']) {
    super(`the Helm worker ended (${reason})`)
    this.reason = reason
  }
}

interface Pending {
  readonly id: number
  readonly call: WorkerCall
  readonly stop: AbortController
  received: number
  lookupFailure: unknown
  settle: (outcome: { result: unknown } | { error: unknown }) => void
}

const keptStderr = 4096

/**
 * One process of the worker; serves one call at a time. A call that is cut off ends the process, because there is no
 * other way to stop a template.
 */
export class WorkerProcess {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: LineSplitter
  #pending: Pending | undefined
  #nextId = 1
  #stderr = ''
  #ended = false
  #killed = false
  readonly ended: Promise<void>

  constructor(workerPath: string) {
    this.#child = spawn(workerPath, [], { env: {}, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] })
    this.#lines = new LineSplitter((line) => this.#receive(line))
    this.#child.stdout.on('data', (chunk: Buffer) => this.#read(chunk))
    this.#child.stderr.on('data', (chunk: Buffer) => {
      // The first lines of a fatal error name it; the rest is stacks. It is never shown: it may hold values.
      if (this.#stderr.length < keptStderr) this.#stderr += chunk.toString('latin1')
    })
    this.#child.stdin.on('error', () => undefined)
    const ended = Promise.withResolvers<void>()
    this.ended = ended.promise
    const end = (cause?: unknown): void => {
      if (this.#ended) return
      this.#ended = true
      this.#pending?.settle({ error: cause ?? new WorkerDied(this.#reason()) })
      ended.resolve()
    }
    this.#child.on('error', (cause) =>
      end(
        new FlotillaError('render.worker', {
          message: `The Helm worker cannot be started: ${cause.message}`,
          remedy: 'Check that the part helm-worker is built and may be executed',
          cause,
        }),
      ),
    )
    this.#child.on('close', () => end())
    this.#hold(false)
  }

  get alive(): boolean {
    return !this.#ended && !this.#killed
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Errors: what the worker answered, `render.limit` on overrun, `WorkerDied`, the signal's reason. */
  async run(call: WorkerCall): Promise<unknown> {
    if (this.#pending !== undefined) throw new Error('the worker is busy')
    if (!this.alive) throw new WorkerDied('unknown')
    call.signal?.throwIfAborted()
    const { promise, resolve } = Promise.withResolvers<{ result: unknown } | { error: unknown }>()
    const pending: Pending = {
      id: this.#nextId++,
      call,
      stop: new AbortController(),
      received: 0,
      lookupFailure: undefined,
      settle: resolve,
    }
    this.#pending = pending
    this.#hold(true)
    const cutOff = (error: unknown): void => {
      resolve({ error })
      this.kill()
    }
    const onAbort = (): void => cutOff(call.signal?.reason)
    call.signal?.addEventListener('abort', onAbort, { once: true })
    const timer = setTimeout(() => cutOff(tookTooLong(call.timeoutMs)), call.timeoutMs)
    try {
      this.#child.stdin.write(`${JSON.stringify({ id: pending.id, method: call.method, params: call.params })}\n`)
      const outcome = await promise
      if ('error' in outcome) throw pending.lookupFailure ?? outcome.error
      return outcome.result
    } finally {
      clearTimeout(timer)
      call.signal?.removeEventListener('abort', onAbort)
      pending.stop.abort()
      this.#pending = undefined
      this.#hold(false)
    }
  }

  kill(): void {
    this.#killed = true
    // Whoever waits for its end needs the event loop.
    this.#hold(!this.#ended)
    this.#child.kill('SIGKILL')
  }

  /** Lets the process end by itself; for one that is idle. */
  end(): void {
    this.#child.stdin.end()
  }

  /** Keeps this process's event loop alive only while a call runs. */
  #hold(held: boolean): void {
    for (const part of [this.#child, this.#child.stdin, this.#child.stdout, this.#child.stderr]) {
      const refable = part as unknown as { ref(): void; unref(): void } // pipes of a child are sockets
      if (held) refable.ref()
      else refable.unref()
    }
  }

  #read(chunk: Buffer): void {
    const pending = this.#pending
    if (pending !== undefined) {
      pending.received += chunk.length
      if (pending.received > pending.call.maxBytes) {
        pending.settle({ error: tooLarge(pending.call.maxBytes) })
        this.kill()
        return
      }
    }
    try {
      this.#lines.push(chunk)
    } catch (cause) {
      pending?.settle({
        error: new FlotillaError('render.worker', { message: 'The Helm worker spoke nonsense', cause }),
      })
      this.kill()
    }
  }

  #receive(line: string): void {
    const pending = this.#pending
    if (pending === undefined) return
    const answer = JSON.parse(line) as WorkerAnswer
    if (answer.id !== pending.id) return
    if (answer.item !== undefined) pending.call.onItem?.(answer.item, line)
    else if (answer.lookup !== undefined) void this.#lookup(pending, answer.lookup)
    else if (answer.error !== undefined) pending.settle({ error: parseWorkerError(answer.error) })
    else pending.settle({ result: answer.result })
  }

  async #lookup(pending: Pending, query: unknown): Promise<void> {
    let answer: unknown
    try {
      const object = await pending.call.onLookup?.(query, pending.stop.signal)
      answer = { object: object ?? null }
    } catch (thrown) {
      pending.lookupFailure = thrown
      answer = { error: 'the lookup was refused' }
    }
    if (this.#pending === pending && !this.#ended) {
      this.#child.stdin.write(`${JSON.stringify({ id: pending.id, answer })}\n`)
    }
  }

  #reason(): WorkerDied['reason'] {
    if (/stack exceeds|stack overflow/.test(this.#stderr)) return 'recursion'
    if (/out of memory|cannot allocate memory|heap arena/.test(this.#stderr)) return 'memory'
    return 'unknown'
  }
}

function tookTooLong(ms: number): FlotillaError {
  return new FlotillaError('render.limit', {
    message: `Rendering took longer than ${ms / 1000} seconds`,
    remedy: 'Look for a loop in the templates',
  })
}

function tooLarge(bytes: number): FlotillaError {
  return new FlotillaError('render.limit', { message: `Rendering gave more than ${bytes} bytes` })
}
