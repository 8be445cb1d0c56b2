import { createHash } from 'node:crypto'
import { writeStatus } from '@flotilla/engine'
import type { Clock, KubeClient } from '@flotilla/kube'
import {
  apiVersion,
  asFlotillaError,
  fieldManager,
  FlotillaError,
  group,
  type IdentityProvider,
  parseInput,
  User,
  type UserIdentity,
  version,
} from '@flotilla/model'
import type { HostState } from '../../fleet/host-state.ts'
import { type ExternalPerson, refused } from './connector.ts'

export interface ExternalPeople {
  /** Who the provider says it is, as a User of the host: made at the first sign-in, with no role. Gives its uid. */
  enter(provider: IdentityProvider, person: ExternalPerson, signal: AbortSignal): Promise<string>
}

const seenWithinMs = 5_000
const mostTries = 4

export function createExternalPeople(options: {
  readonly host: Pick<KubeClient, 'create' | 'get' | 'patch' | 'replaceStatus'>
  readonly state: Pick<HostState, 'users'>
  readonly clock: Pick<Clock, 'now'>
}): ExternalPeople {
  const { host, state, clock } = options

  /** The User of that identity: found by it alone, whatever the object is called. */
  async function userOf(identity: UserIdentity, person: ExternalPerson, signal: AbortSignal): Promise<User> {
    const known = state.users.list().filter(({ spec }) => isSame(spec.identity, identity))
    if (known.length > 1) throw refused(identity.provider, 'two users have this identity')
    const [found] = known
    if (found !== undefined) return found
    const name = userNameOf(identity)
    const spec = { ...shown(person), identity }
    try {
      const made = await host.create({ apiVersion, kind: 'User', metadata: { name }, spec }, { fieldManager, signal })
      return parseInput(User, made, 'internal')
    } catch (thrown) {
      if (asFlotillaError(thrown).code !== 'kube.conflict') throw thrown
      // made a moment ago, here or by another replica
      const there = await read(name, signal)
      if (!isSame(there.spec.identity, identity)) throw refused(identity.provider, `another user is called ${name}`)
      return there
    }
  }

  async function read(name: string, signal: AbortSignal): Promise<User> {
    return parseInput(User, await host.get({ group, version, kind: 'User', name }, { signal }), 'internal')
  }

  return {
    enter: async (provider, person, signal) => {
      const identity: UserIdentity = {
        provider: provider.metadata.name,
        providerUid: provider.metadata.uid ?? '',
        subject: person.subject,
      }
      let user = await userOf(identity, person, signal)
      if (user.spec.disabled) throw disabled()
      user = await withNames(user, person, signal)
      const seenAt = new Date(clock.now()).toISOString()
      for (let tries = 1; ; tries++) {
        const status = { ...user.status, groups: [...person.groups], seenAt }
        try {
          await writeStatus(host as KubeClient, user, status, { signal })
          break
        } catch (thrown) {
          if (asFlotillaError(thrown).code !== 'kube.conflict' || tries >= mostTries) throw thrown
          user = await read(user.metadata.name, signal)
          if (user.spec.disabled) throw disabled()
        }
      }
      await untilSeen(user.metadata.name, seenAt)
      return user.metadata.uid ?? ''
    },
  }

  /** Name and address as the provider has them now. */
  async function withNames(user: User, person: ExternalPerson, signal: AbortSignal): Promise<User> {
    const now = shown(person)
    const same = Object.entries(now).every(([field, value]) => Reflect.get(user.spec, field) === value)
    if (same) return user
    const key = { group, version, kind: 'User', name: user.metadata.name }
    const patched = await host.patch(key, { type: 'merge', body: { spec: now } }, { fieldManager, signal })
    return parseInput(User, patched, 'internal')
  }

  /** What is decided from memory must know of the sign-in before it counts. */
  async function untilSeen(name: string, seenAt: string): Promise<void> {
    const isSeen = () => state.users.get('', name)?.status?.seenAt === seenAt
    if (isSeen()) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const stop = state.users.onChange(() => {
      if (isSeen()) resolve()
    })
    const timer = setTimeout(
      () =>
        reject(
          new FlotillaError('server.busy', {
            message: 'The host did not tell of the sign-in in time',
            remedy: 'Sign in again',
            retryAfter: 5,
          }),
        ),
      seenWithinMs,
    )
    try {
      await promise
    } finally {
      clearTimeout(timer)
      stop()
    }
  }
}

/** A name for good that another person can never get: of the provider's uid and the subject, by a hash. */
export function userNameOf({ provider, providerUid, subject }: UserIdentity): string {
  const digest = createHash('sha256').update(`${providerUid}\0${subject}`).digest('hex')
  return `${provider}-${digest.slice(0, 20)}`
}

function shown({ name, email }: ExternalPerson): Partial<Record<'displayName' | 'email', string>> {
  return { ...(name === undefined ? {} : { displayName: name }), ...(email === undefined ? {} : { email }) }
}

const isSame = (one: UserIdentity | undefined, other: UserIdentity): boolean =>
  one !== undefined &&
  one.provider === other.provider &&
  one.providerUid === other.providerUid &&
  one.subject === other.subject

const disabled = (): FlotillaError =>
  new FlotillaError('auth.forbidden', {
    message: 'This account is disabled',
    remedy: 'An administrator of the platform can enable it',
  })
