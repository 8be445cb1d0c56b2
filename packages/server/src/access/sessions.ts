import { randomBytes } from 'node:crypto'
import { FlotillaError } from '@flotilla/model'
import type { Clock } from '@flotilla/kube'
import type { HostState } from '../fleet/host-state.ts'
import type { ApiToken, SessionStore, Session, TokenScope } from '../store/store.ts'
import { apiTokenForm, type ApiTokens } from './api-tokens.ts'
import { hashToken } from './hash-token.ts'
import { narrowPerson } from './narrow-person.ts'
import type { People, Person } from './people.ts'

export interface OpenSession {
  readonly session: OpenedSession
  /** Within the bounds of the token, where it is one. */
  readonly person: Person
  /** Of an API token. */
  readonly scope: TokenScope | undefined
}

/** A session, or what an API token opens. */
export type OpenedSession = Omit<Session, 'kind'> & { readonly kind: Session['kind'] | 'token' }

const hours = 60 * 60 * 1000
const lifetimeMs = { browser: 12 * hours, cli: 30 * 24 * hours } as const
/** Prefix by which secret scanners, and people, know what they have found. */
const tokenPrefix = 'flo_'
const tokenForm = /^flo_[A-Za-z0-9_-]{43}$/

/** What was opened, by somebody who was proven then. */
export interface Ticket {
  readonly person: Pick<Person, 'uid'>
  readonly kind: OpenedSession['kind']
  readonly expiresAt: string
  readonly scope: TokenScope | undefined
}

export interface Sessions {
  /** The token is given out here and nowhere again: only its hash is kept. */
  open(userUid: string, kind: Session['kind']): Promise<{ token: string; session: Session }>
  /** Undefined when the token is unknown, over, or of somebody who is gone or disabled. */
  find(token: string): Promise<OpenSession | undefined>
  /** As `find`, for a stream that stays open. */
  stillOpen(tokenHash: string): Promise<OpenSession | undefined>
  /** Who it is by what memory knows, so that no store holds this up: undefined when they are gone, or its time is over. */
  recall(opened: Ticket): Person | undefined
  close(tokenHash: string): Promise<void>
  /** Every session of a person, but the one that is kept. */
  closeAllOf(userUid: string, keep?: string): Promise<void>
  removeExpired(): Promise<number>
}

export function createSessions(options: {
  readonly store: SessionStore
  readonly tokens: Pick<ApiTokens, 'find' | 'use'>
  readonly state: Pick<HostState, 'projects'>
  readonly people: People
  readonly clock: Pick<Clock, 'now'>
}): Sessions {
  const { store, tokens, state, people, clock } = options
  const recall: Sessions['recall'] = ({ person: { uid }, kind, expiresAt, scope }) => {
    if (Date.parse(expiresAt) <= clock.now()) return undefined
    const person = people.byUid(uid)
    if (person === undefined) return undefined
    // whom a provider has not vouched for in long may be gone there
    if (kind === 'token' && (person.provider?.tokensRestAt ?? Infinity) <= clock.now()) return undefined
    return narrowPerson(person, scope, state)
  }
  const opened = (session: OpenedSession, scope: TokenScope | undefined): OpenSession | undefined => {
    const { userUid, kind, expiresAt } = session
    const person = recall({ person: { uid: userUid }, kind, expiresAt, scope })
    return person === undefined ? undefined : { session, person, scope }
  }
  const openedBy = (token: ApiToken | undefined): OpenSession | undefined => {
    if (token === undefined) return undefined
    const { access, project, tokenHash, userUid, createdAt, expiresAt } = token
    return opened({ tokenHash, userUid, createdAt, expiresAt, kind: 'token' }, { access, project })
  }
  const stillOpen = async (tokenHash: string): Promise<OpenSession | undefined> => {
    const session = await store.get(tokenHash)
    return session === undefined ? openedBy(await tokens.find(tokenHash)) : opened(session, undefined)
  }
  return {
    open: async (userUid, kind) => {
      const token = `${tokenPrefix}${randomBytes(32).toString('base64url')}`
      const now = clock.now()
      // whoever a provider vouches for comes back to it in time
      const mostMs = people.byUid(userUid)?.provider?.sessionMs ?? lifetimeMs[kind]
      const session: Session = {
        tokenHash: hashToken(token),
        userUid,
        kind,
        createdAt: new Date(now).toISOString(),
        expiresAt: new Date(now + Math.min(lifetimeMs[kind], mostMs)).toISOString(),
      }
      await store.put(session)
      return { token, session }
    },
    find: async (token) => {
      if (apiTokenForm.test(token)) return openedBy(await tokens.use(hashToken(token)))
      return tokenForm.test(token) ? await stillOpen(hashToken(token)) : undefined
    },
    stillOpen,
    recall,
    close: (tokenHash) => store.delete(tokenHash),
    closeAllOf: async (userUid, keep) => {
      const kept = keep === undefined ? undefined : await store.get(keep)
      await store.deleteOfUser(userUid)
      if (kept !== undefined) await store.put(kept)
    },
    removeExpired: () => store.deleteExpired(new Date(clock.now()).toISOString()),
  }
}

export const notSignedIn = (): FlotillaError =>
  new FlotillaError('auth.required', {
    message: 'Nobody is signed in, or the session is over',
    remedy: 'Sign in',
  })
