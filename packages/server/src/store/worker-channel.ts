import { Worker } from 'node:worker_threads'
import { FlotillaError } from '@flotilla/model'
import type { StoreOperations } from './sqlite-operations.ts'
import { openingId, type OpenOptions, type WorkerAnswer } from './worker-protocol.ts'

/** Calls that may wait for the database; more are refused rather than piled up. */
const longestQueue = 2_000
const closeMs = 10_000

type Waiting = { resolve(value: unknown): void; reject(error: Error): void }

export interface WorkerChannel {
  call<Name extends keyof StoreOperations>(
    operation: Name,
    ...args: Parameters<StoreOperations[Name]>
  ): Promise<ReturnType<StoreOperations[Name]>>
  /** Aborts when the thread ended that should not have: every call fails from then on. */
  readonly lost: AbortSignal
  close(): Promise<void>
}

/** Starts the thread that owns the database and resolves when the database is open. */
export async function openWorkerChannel(options: OpenOptions): Promise<WorkerChannel> {
  const waiting = new Map<number, Waiting>()
  const worker = new Worker(new URL('./store-worker.ts', import.meta.url), {
    name: 'store',
    workerData: options,
    // not what this process was started with: some of its options a thread cannot take
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  let lastId = openingId
  let ended: FlotillaError | undefined
  const losing = new AbortController()

  const end = (message: string): void => {
    if (ended === undefined) losing.abort((ended = unavailable(message)))
    for (const { reject } of waiting.values()) reject(ended)
    waiting.clear()
  }
  worker.on('message', (answer: WorkerAnswer) => {
    const call = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('error' in answer) {
      const { code, ...said } = answer.error
      call?.reject(new FlotillaError(code, said))
    } else {
      call?.resolve(answer.result)
    }
  })
  worker.on('error', (error) => end(`The database's thread ended: ${error.message}`))
  worker.on('exit', () => end('The database is closed.'))

  const send = (id: number, post: () => void): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended)
      if (waiting.size >= longestQueue) return reject(unavailable('The database has too much to do.'))
      waiting.set(id, { resolve, reject })
      post()
    })
  const call = (operation: string, args: readonly unknown[]): Promise<unknown> => {
    const id = ++lastId
    return send(id, () => worker.postMessage({ id, operation, args }, []))
  }

  try {
    await send(openingId, () => {})
  } catch (thrown) {
    await worker.terminate()
    throw thrown
  }
  return {
    // what the thread answers is what the operation of that name returns
    call: (operation, ...args) => call(operation, args) as Promise<ReturnType<StoreOperations[typeof operation]>>,
    lost: losing.signal,
    close: async () => {
      if (ended !== undefined) return
      const closing = call('close', [])
      ended = unavailable('The database is closed.')
      const late = setTimeout(() => void worker.terminate(), closeMs)
      await closing.catch(() => 'the thread is gone already')
      clearTimeout(late)
    },
  }
}

const unavailable = (message: string): FlotillaError => new FlotillaError('store.unavailable', { message })
