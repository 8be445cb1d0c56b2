import { createHash, randomBytes } from 'node:crypto'
import { FlotillaError } from '@flotilla/model'
import type { Clock } from '@flotilla/kube'
import type { SessionStore, Session } from '../store/store.ts'
import type { People, Person } from './people.ts'

export interface OpenSession {
  readonly session: Session
  readonly person: Person
}

const hours = 60 * 60 * 1000
const lifetimeMs = { browser: 12 * hours, cli: 30 * 24 * hours } as const
/** Prefix by which secret scanners, and people, know what they have found. */
const tokenPrefix = 'flo_'
const tokenForm = /^flo_[A-Za-z0-9_-]{43}$/

export interface Sessions {
  /** The token is given out here and nowhere again: only its hash is kept. */
  open(userUid: string, kind: Session['kind']): Promise<{ token: string; session: Session }>
  /** Undefined when the token is unknown, over, or of somebody who is gone or disabled. */
  find(token: string): Promise<OpenSession | undefined>
  /** As `find`, for a stream that stays open. */
  stillOpen(tokenHash: string): Promise<OpenSession | undefined>
  close(tokenHash: string): Promise<void>
  /** Every session of a person, but the one that is kept. */
  closeAllOf(userUid: string, keep?: string): Promise<void>
  removeExpired(): Promise<number>
}

export function createSessions(options: {
  readonly store: SessionStore
  readonly people: People
  readonly clock: Pick<Clock, 'now'>
}): Sessions {
  const { store, people, clock } = options
  const stillOpen = async (tokenHash: string): Promise<OpenSession | undefined> => {
    const session = await store.get(tokenHash)
    if (session === undefined || Date.parse(session.expiresAt) <= clock.now()) return undefined
    const person = people.byUid(session.userUid)
    return person === undefined ? undefined : { session, person }
  }
  return {
    open: async (userUid, kind) => {
      const token = `${tokenPrefix}${randomBytes(32).toString('base64url')}`
      const now = clock.now()
      const session: Session = {
        tokenHash: hashToken(token),
        userUid,
        kind,
        createdAt: new Date(now).toISOString(),
        expiresAt: new Date(now + lifetimeMs[kind]).toISOString(),
      }
      await store.put(session)
      return { token, session }
    },
    find: async (token) => (tokenForm.test(token) ? await stillOpen(hashToken(token)) : undefined),
    stillOpen,
    close: (tokenHash) => store.delete(tokenHash),
    closeAllOf: async (userUid, keep) => {
      const kept = keep === undefined ? undefined : await store.get(keep)
      await store.deleteOfUser(userUid)
      if (kept !== undefined) await store.put(kept)
    },
    removeExpired: () => store.deleteExpired(new Date(clock.now()).toISOString()),
  }
}

/** Tokens hold 256 random bits, so one round is enough. */
function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

export const notSignedIn = (): FlotillaError =>
  new FlotillaError('auth.required', {
    message: 'Nobody is signed in, or the session is over',
    remedy: 'Sign in',
  })
