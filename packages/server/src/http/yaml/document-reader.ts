import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { FlotillaError } from '@flotilla/model'
import { limitConcurrency } from '../../access/limit-concurrency.ts'
import type { ReadResult } from './read-documents.ts'

export interface DocumentReader {
  /** `input.yaml` with the line for what cannot be read; `field` names where the text came from. */
  read(text: string, field: string): Promise<readonly unknown[]>
  close(): Promise<void>
}

const idleMs = 30_000
const lookMs = 100

export interface DocumentReaderLimits {
  /** Time of a processor that one text may take, in milliseconds: meanwhile those of other people wait. */
  readonly cpuMs?: number
  /** Wall time: generous, because a worker gets little of a busy machine. */
  readonly timeoutMs?: number
}

/**
 * Reads YAML of people in a worker with little memory and little time: the event loop never waits for it. The worker
 * starts when it is needed and goes when it is not.
 */
export function createDocumentReader(limits: DocumentReaderLimits = {}): DocumentReader {
  const { cpuMs = 3_000, timeoutMs = 30_000 } = limits
  const inTurn = limitConcurrency({ atOnce: 1, waiting: 32 })
  let worker: Worker | undefined
  let idle: NodeJS.Timeout | undefined

  const stop = async (): Promise<void> => {
    clearTimeout(idle)
    const stopping = worker
    worker = undefined
    await stopping?.terminate()
  }
  const start = (): Worker => {
    const cache = process.env['NODE_COMPILE_CACHE']
    const started = new Worker(new URL('./yaml-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 64 },
      // of the environment only where its compiled code lies
      env: cache === undefined ? {} : { NODE_COMPILE_CACHE: cache },
    })
    // never keeps the process alive by itself
    started.unref()
    started.on('error', () => {
      if (worker === started) worker = undefined
    })
    return started
  }
  const ask = async (text: string, field: string): Promise<ReadResult> => {
    clearTimeout(idle)
    const asked = (worker ??= start())
    asked.ref()
    const ended = new AbortController()
    const timeout = setTimeout(() => ended.abort(), timeoutMs)
    const stopWatching = watchCpu(asked, cpuMs, () => ended.abort())
    try {
      const answer = once(asked, 'message', { signal: ended.signal })
      // eslint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has no origin
      asked.postMessage({ text, field })
      const [result]: ReadResult[] = await answer
      if (result === undefined) throw new Error('no answer')
      return result
    } catch (thrown) {
      await stop()
      const what = ended.signal.aborted ? 'time' : 'memory'
      throw new FlotillaError('input.yaml', {
        message: `The text needs too much ${what} to read`,
        remedy: 'Split it, and check that it is YAML',
        field,
        cause: thrown,
      })
    } finally {
      clearTimeout(timeout)
      stopWatching()
      worker?.unref()
      idle = setTimeout(() => void stop(), idleMs)
      idle.unref()
    }
  }
  return {
    read: async (text, field) => {
      const result = await inTurn(() => ask(text, field))
      if (result.ok) return result.documents
      const { code, message, ...detail } = result.error
      throw new FlotillaError(code, { message, ...detail })
    },
    close: stop,
  }
}

/** Calls `onOver` once the worker has used this much of a processor from its first look on. Gives what ends the looks. */
function watchCpu(worker: Worker, mostMs: number, onOver: () => void): () => void {
  let before: NodeJS.CpuUsage | undefined
  const look = async (): Promise<void> => {
    const used = await worker.cpuUsage(before)
    if (before === undefined) before = used
    else if ((used.user + used.system) / 1000 > mostMs) onOver()
  }
  // one that ended meanwhile uses nothing
  const timer = setInterval(() => void look().catch(() => undefined), lookMs)
  return () => clearInterval(timer)
}
