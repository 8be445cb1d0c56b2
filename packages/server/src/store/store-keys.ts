import { randomBytes, randomUUID } from 'node:crypto'
import { link, open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FlotillaError } from '@flotilla/model'
import { z } from 'zod'

export interface StoreKeys {
  /** Encrypts blobs: 32 bytes. */
  readonly blobs: Uint8Array
  /** Keys digests that cover secret values: 32 bytes. */
  readonly digests: Uint8Array
  /** Names this data directory, and so the one process that may use it. */
  readonly instance: string
}

const KeyFile = z.object({
  blobs: z.base64().length(44),
  digests: z.base64().length(44),
  instance: z.uuid(),
})

export const keyFileName = 'flotilla.key'

/**
 * Reads the key file of a data directory; makes it when the directory is new. A database without its keys is refused
 * (`store.unavailable`) rather than started over: what it holds would be lost.
 */
export async function readStoreKeys(dataDir: string, databaseFile: string): Promise<StoreKeys> {
  const path = join(dataDir, keyFileName)
  const text = await readText(path)
  if (text !== undefined) return parseKeys(text)
  if ((await stat(databaseFile).catch(() => undefined)) !== undefined) {
    throw unavailable(
      `The database is there but its key file ${keyFileName} is not.`,
      `Restore ${keyFileName} from the backup of the data directory, or move the database away to start with an empty one.`,
    )
  }
  await makeKeys(path)
  return parseKeys((await readText(path)) ?? '')
}

/** Written beside and linked into place, so that a killed process leaves the whole file or none, and never replaces one. */
async function makeKeys(path: string): Promise<void> {
  const random = (): string => randomBytes(32).toString('base64')
  const beside = `${path}.${randomUUID()}`
  const file = await open(beside, 'wx', 0o600)
  try {
    await file.writeFile(JSON.stringify({ blobs: random(), digests: random(), instance: randomUUID() }))
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(beside, path)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown
  } finally {
    await rm(beside, { force: true })
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(path)
    if ((mode & 0o077) !== 0) {
      throw unavailable(`Others may read the key file ${keyFileName}.`, `Run chmod 600 on ${keyFileName}.`)
    }
    return await readFile(path, 'utf8')
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw thrown
  }
}

function parseKeys(text: string): StoreKeys {
  try {
    const { blobs, digests, instance } = KeyFile.parse(JSON.parse(text))
    return { blobs: Buffer.from(blobs, 'base64'), digests: Buffer.from(digests, 'base64'), instance }
  } catch {
    // the cause would quote the keys
    throw unavailable(
      `The key file ${keyFileName} is not what Flotilla wrote.`,
      `Restore ${keyFileName} from the backup of the data directory.`,
    )
  }
}

const unavailable = (message: string, remedy: string): FlotillaError =>
  new FlotillaError('store.unavailable', { message, remedy })
