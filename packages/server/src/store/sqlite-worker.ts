import { parentPort, workerData } from 'node:worker_threads'
import { FlotillaError } from '@flotilla/model/errors'
import { type DatabaseOptions, openDatabase, type StoreOperations } from './sqlite-operations.ts'
import { openingId, type WorkerAnswer, type WorkerCall } from './worker-protocol.ts'

const port = parentPort
if (port === null) throw new Error('runs in a worker thread only')

function answer(id: number, work: () => unknown): boolean {
  try {
    port?.postMessage({ id, result: work() } satisfies WorkerAnswer)
    return true
  } catch (thrown) {
    port?.postMessage({ id, error: describe(thrown) } satisfies WorkerAnswer)
    return false
  }
}

/** What SQLite throws means that the store cannot be used now, whatever it is. */
function describe(thrown: unknown): Extract<WorkerAnswer, { error: unknown }>['error'] {
  if (thrown instanceof FlotillaError && (thrown.code === 'request.conflict' || thrown.code === 'input.too_large')) {
    return { code: thrown.code, message: thrown.message }
  }
  if (thrown instanceof FlotillaError)
    return { code: 'store.unavailable', message: thrown.message, remedy: thrown.remedy }
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return { code: 'store.unavailable', message: `The database failed: ${message}`, remedy: remedyOf(message) }
}

function remedyOf(message: string): string {
  if (message.includes('full')) return 'Make room on the disk of the data directory; nothing else needs to be done.'
  if (message.includes('locked')) return 'Another process uses this data directory; stop it, or give this one its own.'
  return 'Look at the disk of the data directory; restore a backup if the file is damaged.'
}

let operations: StoreOperations | undefined
answer(openingId, () => {
  operations = openDatabase(workerData as DatabaseOptions)
})

port.on('message', ({ id, operation, args }: WorkerCall) => {
  answer(id, () => {
    if (operations === undefined) throw new Error('the database is not open')
    // the caller's types hold operation and arguments together; they are lost on the way between threads
    const work = operations[operation] as (...values: readonly unknown[]) => unknown
    return work(...args)
  })
  if (operation === 'close') port.close()
})
