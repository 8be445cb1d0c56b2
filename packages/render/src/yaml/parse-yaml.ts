import { Worker } from 'node:worker_threads'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type ErrorBody, FlotillaError } from '@flotilla/model'
import { parseDocuments } from './parse-documents.ts'

export interface ParseYamlOptions {
  /** Names the input in errors. */
  readonly field: string
  /** Default 2 MiB. */
  readonly maxBytes?: number | undefined
  readonly signal?: AbortSignal | undefined
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
  const { field, signal } = options
  const maxBytes = options.maxBytes ?? defaultMaxBytes
  const bytes = typeof input === 'string' ? Buffer.from(input) : input
  if (bytes.length > maxBytes) {
    throw new FlotillaError('input.too_large', {
      message: `The YAML has ${bytes.length} bytes; the limit is ${maxBytes}`,
      field,
    })
  }
  signal?.throwIfAborted()
  if (bytes.length <= inlineBytes) return parseDocuments(bytes, field)
  const answer = await parseInThread(bytes, field, signal)
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

async function parseInThread(
  bytes: Uint8Array,
  field: string,
  signal: AbortSignal | undefined,
): Promise<YamlThreadAnswer> {
  const limit = AbortSignal.timeout(timeLimit)
  const stop = signal === undefined ? limit : AbortSignal.any([signal, limit])
  const { promise, resolve, reject } = Promise.withResolvers<YamlThreadAnswer>()
  const thread = new Worker(new URL('yaml-thread.ts', import.meta.url), {
    workerData: { bytes, field },
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: 32 },
    stdout: true,
    stderr: true,
    env: {},
  })
  const tooMuch = (): FlotillaError =>
    new FlotillaError('input.yaml', {
      message: 'The YAML takes too much time or memory to read',
      remedy: 'Take out anchors, aliases and deep nesting',
      field,
    })
  const onStop = (): void => reject(signal?.aborted === true ? signal.reason : tooMuch())
  stop.addEventListener('abort', onStop, { once: true })
  thread.on('message', (answer: YamlThreadAnswer) => resolve(answer))
  thread.on('error', () => reject(tooMuch()))
  thread.on('exit', () => reject(tooMuch()))
  try {
    return await promise
  } finally {
    stop.removeEventListener('abort', onStop)
    void thread.terminate()
  }
}
