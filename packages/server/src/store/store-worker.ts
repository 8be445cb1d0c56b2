import { parentPort, workerData } from 'node:worker_threads'
import { FlotillaError } from '@flotilla/model/errors'
import { passesByItself } from './passes-by-itself.ts'
import { openingId, type OpenOptions, type WorkerAnswer, type WorkerCall } from './worker-protocol.ts'

/** The thread that owns the database, whichever it is. */
const port = parentPort
if (port === null) throw new Error('runs in a worker thread only')

async function answer(id: number, work: () => unknown): Promise<void> {
  try {
    port?.postMessage({ id, result: await work() } satisfies WorkerAnswer)
  } catch (thrown) {
    port?.postMessage({ id, error: describe(thrown) } satisfies WorkerAnswer)
  }
}

const options = workerData as OpenOptions
const retrySeconds = 3

/** What a database throws means that the store cannot be used now, whatever it is. */
function describe(thrown: unknown): Extract<WorkerAnswer, { error: unknown }>['error'] {
  if (thrown instanceof FlotillaError && (thrown.code === 'request.conflict' || thrown.code === 'input.too_large')) {
    return { code: thrown.code, message: thrown.message }
  }
  if (thrown instanceof FlotillaError)
    return { code: 'store.unavailable', message: thrown.message, remedy: thrown.remedy }
  const message = messageOf(thrown)
  const said = { code: 'store.unavailable', message: `The database failed: ${message}` } as const
  if (options.kind === 'sqlite') return { ...said, remedy: remedyOfFile(message) }
  return { ...said, remedy: remedyOfServer(message), ...(passesByItself(thrown) && { retryAfter: retrySeconds }) }
}

/** Of several addresses that were tried, each says its own and the whole says nothing. */
const messageOf = (thrown: unknown): string =>
  thrown instanceof AggregateError
    ? [...new Set(thrown.errors.map(messageOf))].join('; ')
    : thrown instanceof Error
      ? thrown.message
      : String(thrown)

function remedyOfFile(message: string): string {
  if (message.includes('full')) return 'Make room on the disk of the data directory; nothing else needs to be done.'
  if (message.includes('locked')) return 'Another process uses this data directory; stop it, or give this one its own.'
  return 'Look at the disk of the data directory; restore a backup if the file is damaged.'
}

function remedyOfServer(message: string): string {
  if (/password|role|pg_hba|permission/.test(message))
    return 'Look at user, password and rights in the address of the database.'
  if (/certificate|SSL|TLS/.test(message)) return 'Look at sslmode and sslrootcert in the address of the database.'
  if (/No space|disk full/.test(message)) return 'Make room on the disk of the database; nothing else needs to be done.'
  return 'Look whether the database runs and is reached from here; the server goes on by itself when it is back.'
}

// loads only the client of the database that is used
const open = async () =>
  options.kind === 'sqlite'
    ? (await import('./sqlite-operations.ts')).openDatabase(options)
    : await (await import('./postgres-operations.ts')).openPostgres(options)

let operations: Awaited<ReturnType<typeof open>> | undefined
void answer(openingId, async () => {
  operations = await open()
})

async function work({ id, operation, args }: WorkerCall): Promise<void> {
  await answer(id, () => {
    if (operations === undefined) throw new Error('the database is not open')
    // the caller's types hold operation and arguments together; they are lost on the way between threads
    const run = operations[operation] as (...values: readonly unknown[]) => unknown
    return run(...args)
  })
  if (operation === 'close') port?.close()
}
port.on('message', (call: WorkerCall) => void work(call))
