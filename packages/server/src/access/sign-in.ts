import { FlotillaError } from '@flotilla/model'
import type { Clock } from '@flotilla/kube'
import type { PasswordRecord, PasswordStore } from '../store/store.ts'
import type { Failures } from './count-failures.ts'
import { hashPassword, noPassword, verifyPassword } from './password-hash.ts'
import type { People, Person } from './people.ts'
import { addressKey, addressMemory, checkLock, nameMemory } from './sign-in-guard.ts'

export interface PasswordSignIn {
  /** `auth.failed` for a wrong name or password alike, `auth.locked` after too many of them. */
  check(attempt: {
    username: string
    password: string
    address: string
  }): Promise<{ person: Person; mustChange: boolean }>
  /** What somebody else checks, with the same bounds: `check` gives undefined when it is wrong. Without an account the address alone is held up. */
  bounded<T>(attempt: { account: string | undefined; address: string }, check: () => Promise<T | undefined>): Promise<T>
  /** Checks the current password first, with the same bounds. */
  change(person: Person, change: { current: string; next: string; address: string }): Promise<void>
  /** As an administrator; unlocks too. */
  set(userUid: string, password: string, mustChange: boolean): Promise<void>
  mustChange(userUid: string): Promise<boolean>
}

const wrong = (): FlotillaError =>
  new FlotillaError('auth.failed', {
    message: 'The name or the password is wrong',
    remedy: 'Try again; after ten failures in a row the account is locked for a while',
  })

export function createPasswordSignIn(options: {
  readonly passwords: PasswordStore
  readonly people: People
  readonly clock: Pick<Clock, 'now'>
}): PasswordSignIn {
  const { passwords, people, clock } = options
  const addresses = addressMemory()
  const strangers = nameMemory()

  /** Does the same work whether or not the person, or their password, exists. */
  const verify = async (name: string, person: Person | undefined, password: string, address: string) => {
    const from = addressKey(address)
    // a password is of an account of ours: who is gone at a provider must not come in by one
    const own = person !== undefined && !person.isService && person.provider === undefined
    const record = own ? await passwords.get(person.uid) : undefined
    const before = record === undefined ? strangers.get(name, clock.now()) : failuresOf(record)
    checkLock(addresses.get(from, clock.now()), clock.now())
    checkLock(before, clock.now())
    const right = await verifyPassword(password, record?.hash ?? noPassword)
    // others failed meanwhile: then the right one is refused as a wrong one is, or many at once would be tried
    checkLock(addresses.get(from, clock.now()), clock.now())
    const counted =
      record === undefined
        ? strangers.get(name, clock.now())
        : await passwords[right ? 'succeeded' : 'failed'](record.userUid, record.hash, clock.now())
    const isOpen = (counted?.lockedUntil ?? 0) <= clock.now()
    // without a count the password is another one by now
    if (person !== undefined && record !== undefined && right && counted !== undefined && isOpen)
      return { person, record }
    addresses.add(from, clock.now())
    if (counted !== undefined) checkLock(counted, clock.now())
    if (record === undefined) strangers.add(name, clock.now())
    throw wrong()
  }

  return {
    check: async ({ username, password, address }) => {
      const { person, record } = await verify(username, people.byName(username), password, address)
      return { person, mustChange: record.mustChange }
    },
    bounded: async ({ account, address }, check) => {
      const from = addressKey(address)
      // no name of our own holds a blank
      const key = account === undefined ? undefined : ` ${account}`
      checkLock(addresses.get(from, clock.now()), clock.now())
      if (key !== undefined) checkLock(strangers.get(key, clock.now()), clock.now())
      const found = await check()
      checkLock(addresses.get(from, clock.now()), clock.now())
      if (key !== undefined) checkLock(strangers.get(key, clock.now()), clock.now())
      if (found !== undefined) {
        if (key !== undefined) strangers.forget(key)
        return found
      }
      addresses.add(from, clock.now())
      if (key !== undefined) strangers.add(key, clock.now())
      throw wrong()
    },
    change: async (person, { current, next, address }) => {
      const { record } = await verify(person.name, person, current, address)
      if (next === current)
        throw new FlotillaError('input.invalid', {
          message: 'The new password is the current one',
          field: 'newPassword',
        })
      // set by an administrator meanwhile: theirs stays
      if (!(await passwords.replace(record.userUid, record.hash, await hashPassword(next)))) throw wrong()
    },
    set: async (userUid, password, mustChange) => {
      await passwords.put({ userUid, hash: await hashPassword(password), failures: 0, mustChange })
    },
    mustChange: async (userUid) => (await passwords.get(userUid))?.mustChange ?? false,
  }
}

function failuresOf(record: PasswordRecord): Failures {
  return { count: record.failures, lockedUntil: record.lockedUntil === undefined ? 0 : Date.parse(record.lockedUntil) }
}
