import { FlotillaError } from '@flotilla/model'
import { type WorkerCall, WorkerDied, WorkerProcess } from './worker-process.ts'

export interface WorkerPoolOptions {
  readonly workerPath: string
  readonly maxWorkers: number
  readonly timeoutMs: number
  readonly maxBytes: number
  /** An idle worker ends after this long (default one minute). */
  readonly idleMs?: number | undefined
}

export type PoolCall = Pick<WorkerCall, 'method' | 'params' | 'signal' | 'onLookup'> & {
  /** Collected anew should the call be tried again. */
  readonly collect?: (() => (item: unknown, line: string) => void) | undefined
}

const maxWaiting = 1000
const maxTries = 2

interface Waiting {
  take(worker: WorkerProcess): void
  refuse(error: unknown): void
}

/** Workers on demand. One that dies takes only its own call with it, and that call is tried once more. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions
  readonly #idle: WorkerProcess[] = []
  readonly #busy = new Set<WorkerProcess>()
  readonly #waiting: Waiting[] = []
  readonly #timers = new Map<WorkerProcess, NodeJS.Timeout>()
  #restarts = 0
  #closed = false

  constructor(options: WorkerPoolOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#idle.length + this.#busy.size
  }

  get restarts(): number {
    return this.#restarts
  }

  /** Process ids of the workers, for whoever watches them. */
  get pids(): readonly number[] {
    return [...this.#idle, ...this.#busy].flatMap((worker) => worker.pid ?? [])
  }

  async run<Result>(call: PoolCall): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      const worker = await this.#acquire(call.signal)
      try {
        const result = await worker.run({
          ...call,
          onItem: call.collect?.(),
          timeoutMs: this.#options.timeoutMs,
          maxBytes: this.#options.maxBytes,
        })
        return result as Result // the shape is fixed by worker-protocol.ts and native/helm-worker
      } catch (thrown) {
        if (!(thrown instanceof WorkerDied)) throw thrown
        this.#restarts++
        if (attempt >= maxTries || thrown.reason !== 'unknown' || this.#closed) throw explainDeath(thrown)
      } finally {
        this.#release(worker)
      }
    }
  }

  /** Ends all workers; calls under way fail with `render.worker`. */
  async close(): Promise<void> {
    this.#closed = true
    for (const waiting of this.#waiting.splice(0)) waiting.refuse(closedError())
    const all = [...this.#idle.splice(0), ...this.#busy]
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    for (const worker of all) worker.kill()
    await Promise.all(all.map((worker) => worker.ended))
  }

  async #acquire(signal: AbortSignal | undefined): Promise<WorkerProcess> {
    signal?.throwIfAborted()
    if (this.#closed) throw closedError()
    for (let worker = this.#idle.pop(); worker !== undefined; worker = this.#idle.pop()) {
      clearTimeout(this.#timers.get(worker))
      this.#timers.delete(worker)
      if (worker.alive) return this.#lend(worker)
    }
    if (this.#busy.size < this.#options.maxWorkers) return this.#lend(new WorkerProcess(this.#options.workerPath))
    if (this.#waiting.length >= maxWaiting) {
      throw new FlotillaError('render.worker', { message: 'Too many renders are waiting', retryAfter: 5 })
    }
    return this.#wait(signal)
  }

  async #wait(signal: AbortSignal | undefined): Promise<WorkerProcess> {
    const { promise, resolve, reject } = Promise.withResolvers<WorkerProcess>()
    const entry: Waiting = { take: resolve, refuse: reject }
    const leave = (): void => {
      const at = this.#waiting.indexOf(entry)
      if (at >= 0) this.#waiting.splice(at, 1)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', leave, { once: true })
    this.#waiting.push(entry)
    try {
      return await promise
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }

  #lend(worker: WorkerProcess): WorkerProcess {
    this.#busy.add(worker)
    return worker
  }

  #release(worker: WorkerProcess): void {
    this.#busy.delete(worker)
    if (this.#closed) return
    const next = this.#waiting.shift()
    if (next !== undefined) {
      next.take(this.#lend(worker.alive ? worker : new WorkerProcess(this.#options.workerPath)))
      return
    }
    if (!worker.alive) return
    this.#idle.push(worker)
    const timer = setTimeout(() => this.#retire(worker), this.#options.idleMs ?? 60_000)
    timer.unref()
    this.#timers.set(worker, timer)
  }

  #retire(worker: WorkerProcess): void {
    this.#timers.delete(worker)
    const at = this.#idle.indexOf(worker)
    if (at >= 0) this.#idle.splice(at, 1)
    worker.end()
  }
}

function explainDeath({ reason }: WorkerDied): FlotillaError {
  if (reason === 'memory') {
    return new FlotillaError('render.limit', {
      message: 'Rendering needs more memory than the Helm worker may have',
      remedy: 'Look for a template that repeats or collects without bound',
    })
  }
  if (reason === 'recursion') {
    return new FlotillaError('render.failed', {
      message: 'The templates call each other without end',
      remedy: 'Look for a template that includes itself',
    })
  }
  return new FlotillaError('render.worker', {
    message: 'The Helm worker ended while it rendered; it will be tried again',
  })
}

function closedError(): FlotillaError {
  return new FlotillaError('render.worker', { message: 'The renderer is closed' })
}
