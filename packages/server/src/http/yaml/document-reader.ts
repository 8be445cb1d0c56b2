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

/**
 * Reads YAML of people in a worker with little memory and little time: the event loop never waits for it. The worker
 * starts when it is needed and goes when it is not.
 */
export function createDocumentReader({ timeoutMs = 30_000 }: { readonly timeoutMs?: number } = {}): DocumentReader {
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
    try {
      const answer = once(asked, 'message', { signal: ended.signal })
      // eslint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has no origin
      asked.postMessage({ text, field })
      const [result]: ReadResult[] = await answer
      if (result === undefined) throw new Error('no answer')
      return result
    } catch (thrown) {
      await stop()
      const why = ended.signal.aborted ? `takes longer than ${timeoutMs / 1000} s` : 'needs too much memory'
      throw new FlotillaError('input.yaml', { message: `The text ${why} to read`, field, cause: thrown })
    } finally {
      clearTimeout(timeout)
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
