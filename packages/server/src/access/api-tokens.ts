import { randomBytes } from 'node:crypto'
import type { Clock } from '@flotilla/kube'
import { FlotillaError } from '@flotilla/model'
import type { ApiToken, ApiTokenStore, TokenScope } from '../store/store.ts'
import { hashToken } from './hash-token.ts'

/** Prefix by which secret scanners, and people, know what they have found. */
const prefix = 'flt_'
export const apiTokenForm = /^flt_[A-Za-z0-9_-]{43}$/
const dayMs = 24 * 60 * 60 * 1000
const mostOfOne = 50
/** The last use is noted at most this often. */
const notedEveryMs = 60_000
const mostNoted = 10_000

export interface NewApiToken extends TokenScope {
  readonly userUid: string
  readonly name: string
  readonly days: number
  readonly createdBy: string
}

export interface ApiTokens {
  /** The token is given out here and nowhere again: only its hash is kept. */
  create(wanted: NewApiToken): Promise<{ readonly token: string; readonly made: ApiToken }>
  list(userUid: string): Promise<readonly ApiToken[]>
  /** `request.not_found` when the person has none of that id. */
  revoke(userUid: string, id: string): Promise<void>
  /** Undefined when there is none, or its time is over. */
  find(tokenHash: string): Promise<ApiToken | undefined>
  /** As `find`, and notes that it was used. */
  use(tokenHash: string): Promise<ApiToken | undefined>
  removeExpired(): Promise<number>
}

export function createApiTokens({
  store,
  clock,
}: {
  readonly store: ApiTokenStore
  readonly clock: Pick<Clock, 'now'>
}): ApiTokens {
  const noted = new Map<string, number>()
  const find = async (tokenHash: string): Promise<ApiToken | undefined> => {
    const token = await store.get(tokenHash)
    return token === undefined || Date.parse(token.expiresAt) <= clock.now() ? undefined : token
  }
  return {
    create: async ({ userUid, name, days, createdBy, access, project }) => {
      if ((await store.list(userUid)).length >= mostOfOne)
        throw new FlotillaError('request.conflict', {
          message: `There are ${mostOfOne} tokens already`,
          remedy: 'Revoke one that is not used any more',
        })
      const token = `${prefix}${randomBytes(32).toString('base64url')}`
      const now = clock.now()
      const made: ApiToken = {
        tokenHash: hashToken(token),
        id: randomBytes(8).toString('hex'),
        userUid,
        name,
        access,
        ...(project === undefined ? {} : { project }),
        createdBy,
        createdAt: new Date(now).toISOString(),
        expiresAt: new Date(now + days * dayMs).toISOString(),
      }
      await store.put(made)
      return { token, made }
    },
    list: (userUid) => store.list(userUid),
    revoke: async (userUid, id) => {
      if (await store.delete(userUid, id)) return
      throw new FlotillaError('request.not_found', { message: `There is no token ${id}`, field: 'token', value: id })
    },
    find,
    use: async (tokenHash) => {
      const token = await find(tokenHash)
      const now = clock.now()
      if (token === undefined || now - (noted.get(tokenHash) ?? 0) < notedEveryMs) return token
      noted.delete(tokenHash)
      noted.set(tokenHash, now)
      const [oldest] = noted.keys()
      if (noted.size > mostNoted && oldest !== undefined) noted.delete(oldest)
      await store.use(tokenHash, new Date(now).toISOString())
      return token
    },
    removeExpired: () => store.deleteExpired(new Date(clock.now()).toISOString()),
  }
}
