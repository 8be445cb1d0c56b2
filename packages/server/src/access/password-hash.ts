import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { FlotillaError } from '@flotilla/model'
import { limitConcurrency } from './limit-concurrency.ts'

interface Cost {
  /** KiB */
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}

/** OWASP's second choice for argon2id: some 20 MiB and 30 ms. A hash that was made with another cost still verifies. */
const defaultCost: Cost = { memory: 19_456, passes: 2, parallelism: 1 }
const tagLength = 32
/** Bounds of what is taken from a stored hash. */
const mostMemory = 262_144
const mostPasses = 16

const derive = promisify(argon2)
// the thread pool of libuv has four threads; half are left to everything else
const inTurn = limitConcurrency({ atOnce: 2, waiting: 64 })

/** Hashes a password with argon2id, off the main thread. Gives a PHC string. */
export async function hashPassword(password: string, cost: Cost = defaultCost): Promise<string> {
  const salt = randomBytes(16)
  const tag = await run(password, salt, tagLength, cost)
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${text(salt)}$${text(tag)}`
}

/** Whether the password is the one of the hash. A hash that cannot be read is `internal`, never a match. */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const { salt, tag, cost } = parsePhc(phc)
  return timingSafeEqual(await run(password, salt, tag.length, cost), tag)
}

/** A hash that no password has: verifying against it costs what verifying against a real one does. */
export const noPassword = `$argon2id$v=19$m=${defaultCost.memory},t=${defaultCost.passes},p=${defaultCost.parallelism}$${text(Buffer.alloc(16))}$${text(Buffer.alloc(tagLength))}`

async function run(password: string, salt: Buffer, length: number, cost: Cost): Promise<Buffer> {
  return await inTurn(
    async () =>
      await derive('argon2id', {
        message: Buffer.from(password.normalize('NFC'), 'utf8'),
        nonce: salt,
        parallelism: cost.parallelism,
        tagLength: length,
        memory: cost.memory,
        passes: cost.passes,
      }),
  )
}

const phcForm =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{22,128})$/

function parsePhc(phc: string): { salt: Buffer; tag: Buffer; cost: Cost } {
  const [, m, t, p, salt, tag] = phcForm.exec(phc) ?? []
  const cost = { memory: Number(m), passes: Number(t), parallelism: Number(p) }
  if (salt === undefined || tag === undefined || cost.memory > mostMemory || cost.passes > mostPasses)
    throw new FlotillaError('internal', { message: 'A stored password hash cannot be read' })
  return { salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64'), cost }
}

/** Base64 without padding, as PHC strings have it. */
function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '')
}
