import { FlotillaError } from '@flotilla/model'
import { computeFailures, type Failures, failuresBeforeLock, noFailures } from './count-failures.ts'

const failuresOfAddress = 30
/** After this long without a failure an address starts anew. */
const forgetAfterMs = 60 * 60_000

/** Refuses with `auth.locked` while locked. What is locked is not said: a name that exists must look like one that does not. */
export function checkLock(failures: Failures, now: number): void {
  if (failures.lockedUntil <= now) return
  const seconds = Math.ceil((failures.lockedUntil - now) / 1000)
  throw new FlotillaError('auth.locked', {
    message: `Too many failed sign-ins; locked for ${seconds} more seconds`,
    remedy: 'Wait, then try again. An administrator can set a new password, which unlocks the account',
    retryAfter: seconds,
  })
}

/** Failures by key in memory, for addresses and for names that nobody has. The oldest go first when it is full. */
export class FailureMemory {
  readonly #entries = new Map<string, Failures & { at: number }>()
  readonly #most: number
  readonly #allowed: number

  constructor(options: { readonly most: number; readonly allowed: number }) {
    this.#most = options.most
    this.#allowed = options.allowed
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string, now: number): Failures {
    const entry = this.#entries.get(key)
    return entry === undefined || now - entry.at > forgetAfterMs ? noFailures : entry
  }

  add(key: string, now: number): void {
    const next = computeFailures(this.get(key, now), now, this.#allowed)
    this.#entries.delete(key)
    this.#entries.set(key, { ...next, at: now })
    if (this.#entries.size <= this.#most) return
    const oldest = this.#entries.keys().next()
    if (oldest.done !== true) this.#entries.delete(oldest.value)
  }

  forget(key: string): void {
    this.#entries.delete(key)
  }
}

export const addressMemory = () => new FailureMemory({ most: 10_000, allowed: failuresOfAddress })
export const nameMemory = () => new FailureMemory({ most: 10_000, allowed: failuresBeforeLock })

/** IPv6 addresses count by their /64: one subscriber has as many of the others as they like. */
export function addressKey(address: string): string {
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address
  if (!plain.includes(':')) return plain
  const [head = '', tail = ''] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const gap: string[] = plain.includes('::')
    ? Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
    : []
  return `${[...left, ...gap, ...right].slice(0, 4).join(':')}::/64`
}
