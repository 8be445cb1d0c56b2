import { Worker } from 'node:worker_threads'
import { type ErrorBody, FlotillaError } from '@flotilla/model'

/** What a thread sends back; see answer-questions.ts. */
export type ThreadAnswer<Answer> = { readonly answer: Answer } | { readonly error: ErrorBody }

export interface AskOptions {
  /** Thrown when an answer takes more time or memory than a thread may have. */
  readonly tooMuch: () => FlotillaError
  readonly signal?: AbortSignal | undefined
}

/** Wall time: generous, because a thread gets little of a busy machine. */
const timeLimit = 30_000
const heapMegabytes = 256
/** A thread that is not at work is kept this long: to start one takes longer than most of what it does. */
const idleMs = 30_000

/**
 * Asks a module in a thread of its own, with bounded time and memory, so that nothing stalls. The module answers by
 * answerQuestions; what it throws is thrown here, as an error of the catalogue.
 */
export class KeptThread<Question, Answer> {
  readonly #module: URL
  #kept: { readonly thread: Worker; readonly timer: NodeJS.Timeout } | undefined

  constructor(module: URL) {
    this.#module = module
  }

  async ask(question: Question, { tooMuch, signal }: AskOptions): Promise<Answer> {
    signal?.throwIfAborted()
    const limit = AbortSignal.timeout(timeLimit)
    const stop = signal === undefined ? limit : AbortSignal.any([signal, limit])
    const { promise, resolve, reject } = Promise.withResolvers<ThreadAnswer<Answer>>()
    const thread = this.#take()
    const onStop = (): void => reject(signal?.aborted === true ? signal.reason : tooMuch())
    stop.addEventListener('abort', onStop, { once: true })
    const onEnd = (): void => reject(tooMuch())
    thread.on('message', resolve)
    thread.on('error', onEnd)
    thread.on('exit', onEnd)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
    thread.postMessage(question)
    try {
      const got = await promise
      this.#giveBack(thread)
      if ('answer' in got) return got.answer
      const { code, message, ...rest } = got.error
      throw new FlotillaError(code, { message, ...rest })
    } catch (thrown) {
      if (this.#kept?.thread !== thread) void thread.terminate()
      throw thrown
    } finally {
      stop.removeEventListener('abort', onStop)
      thread.off('message', resolve)
      thread.off('error', onEnd)
      thread.off('exit', onEnd)
    }
  }

  /** A thread that waits, or another one. */
  #take(): Worker {
    if (this.#kept !== undefined) {
      const { thread, timer } = this.#kept
      this.#kept = undefined
      clearTimeout(timer)
      thread.ref()
      return thread
    }
    const cache = process.env['NODE_COMPILE_CACHE']
    const thread = new Worker(this.#module, {
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: 32 },
      stdout: true,
      stderr: true,
      // of the environment only where its compiled code lies
      env: cache === undefined ? {} : { NODE_COMPILE_CACHE: cache },
    })
    // also while it waits
    thread.on('error', () => this.#drop(thread))
    return thread
  }

  /** Keeps one for the next question, for a while and without keeping the process alive. */
  #giveBack(thread: Worker): void {
    if (this.#kept !== undefined) return void thread.terminate()
    thread.unref()
    const timer = setTimeout(() => this.#drop(thread), idleMs)
    timer.unref()
    this.#kept = { thread, timer }
  }

  #drop(thread: Worker): void {
    if (this.#kept?.thread === thread) this.#kept = undefined
    void thread.terminate()
  }
}
