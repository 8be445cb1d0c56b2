import { Worker } from 'node:worker_threads'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type ErrorBody, FlotillaError } from '@flotilla/model'
import { parseDocuments } from './parse-documents.ts'

export interface ParseYamlOptions {
  /** Names the input in errors. */
  readonly field: string
  /** Default 2 MiB. */
  readonly maxBytes?: number | undefined
  /** Helm lets a key be there twice; what it wrote is read as it reads it. Refused by default. */
  readonly doubledKeys?: 'refused' | 'last counts' | undefined
  readonly signal?: AbortSignal | undefined
}

/** What the thread is asked. */
export interface YamlThreadQuestion {
  readonly bytes: Uint8Array
  readonly field: string
  readonly doubledKeys: 'refused' | 'last counts'
}

/** What the thread answers. */
export type YamlThreadAnswer = { readonly documents: readonly string[] } | { readonly error: ErrorBody }

const defaultMaxBytes = 2 * 1024 * 1024
/** Below this, even hostile input takes a few milliseconds. */
const inlineBytes = 4 * 1024
/** Wall time: generous, because a thread gets little of a busy machine. */
const timeLimit = 30_000
const heapMegabytes = 256

/**
 * Parses YAML (or JSON) that somebody sent; larger input is parsed in a thread of its own with bounded time and memory, so
 * that nothing stalls. Errors: `input.yaml` with the line, `input.too_large`.
 */
export async function parseYaml(input: string | Uint8Array, options: ParseYamlOptions): Promise<unknown[]> {
  const { field, signal, doubledKeys = 'refused' } = options
  const maxBytes = options.maxBytes ?? defaultMaxBytes
  const bytes = typeof input === 'string' ? Buffer.from(input) : input
  if (bytes.length > maxBytes) {
    throw new FlotillaError('input.too_large', {
      message: `The YAML has ${bytes.length} bytes; the limit is ${maxBytes}`,
      field,
    })
  }
  signal?.throwIfAborted()
  if (bytes.length <= inlineBytes) return parseDocuments(bytes, field, doubledKeys)
  const answer = await parseInThread({ bytes, field, doubledKeys }, signal)
  if ('error' in answer) {
    const { code, message, ...rest } = answer.error
    throw new FlotillaError(code, { message, ...rest })
  }
  const documents: unknown[] = []
  for (const text of answer.documents) {
    documents.push(JSON.parse(text))
    if (text.length > 64 * 1024) await nextTurn()
  }
  return documents
}

/** A thread that is not at work is kept this long: to start one takes longer than most of what it reads. */
const idleMs = 30_000
let kept: { readonly thread: Worker; readonly timer: NodeJS.Timeout } | undefined

/** A thread that waits, or another one. */
function takeThread(): Worker {
  if (kept !== undefined) {
    const { thread, timer } = kept
    kept = undefined
    clearTimeout(timer)
    thread.ref()
    return thread
  }
  const cache = process.env['NODE_COMPILE_CACHE']
  const thread = new Worker(new URL('yaml-thread.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: 32 },
    stdout: true,
    stderr: true,
    // of the environment only where its compiled code lies
    env: cache === undefined ? {} : { NODE_COMPILE_CACHE: cache },
  })
  // also while it waits
  thread.on('error', () => drop(thread))
  return thread
}

/** Keeps one for the next input, for a while and without keeping the process alive. */
function giveBack(thread: Worker): void {
  if (kept !== undefined) return void thread.terminate()
  thread.unref()
  const timer = setTimeout(() => drop(thread), idleMs)
  timer.unref()
  kept = { thread, timer }
}

function drop(thread: Worker): void {
  if (kept?.thread === thread) kept = undefined
  void thread.terminate()
}

async function parseInThread(question: YamlThreadQuestion, signal: AbortSignal | undefined): Promise<YamlThreadAnswer> {
  const limit = AbortSignal.timeout(timeLimit)
  const stop = signal === undefined ? limit : AbortSignal.any([signal, limit])
  const { promise, resolve, reject } = Promise.withResolvers<YamlThreadAnswer>()
  const thread = takeThread()
  const tooMuch = (): FlotillaError =>
    new FlotillaError('input.yaml', {
      message: 'The YAML takes too much time or memory to read',
      remedy: 'Take out anchors, aliases and deep nesting',
      field: question.field,
    })
  const onStop = (): void => reject(signal?.aborted === true ? signal.reason : tooMuch())
  stop.addEventListener('abort', onStop, { once: true })
  const onEnd = (): void => reject(tooMuch())
  thread.on('message', resolve)
  thread.on('error', onEnd)
  thread.on('exit', onEnd)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
  thread.postMessage(question)
  try {
    const answer = await promise
    giveBack(thread)
    return answer
  } catch (thrown) {
    void thread.terminate()
    throw thrown
  } finally {
    stop.removeEventListener('abort', onStop)
    thread.off('message', resolve)
    thread.off('error', onEnd)
    thread.off('exit', onEnd)
  }
}
