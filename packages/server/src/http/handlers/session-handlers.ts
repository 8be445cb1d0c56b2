import type { SessionView } from '@flotilla/api'
import { FlotillaError, group, parseInput, projectNamespace, UserSpec, workspaceNamespace } from '@flotilla/model'
import { createCommandLineCodes } from '../../access/command-line-codes.ts'
import { forbidden } from '../../access/authorizer.ts'
import type { People, Person } from '../../access/people.ts'
import type { Caller, Exchange, Services, SomeHandlers } from '../handler.ts'

export function sessionHandlers(
  services: Services,
  people: People,
): SomeHandlers<'meta'> &
  SomeHandlers<'session'> &
  Pick<SomeHandlers<'access'>, 'access.check'> &
  SomeHandlers<'users'> {
  const { sessions, signIn, authorizer, deps } = services
  const done = { done: true } as const
  const codes = createCommandLineCodes({ store: deps.store, now: () => deps.clock.now() })
  const view = (caller: SessionParts) => sessionView(caller, signIn, people)
  return {
    'meta.get': async () => ({ product: 'flotilla', version: deps.version, signIn: ['password'] }),
    'session.signIn': async ({ body, exchange }) => {
      const { username, password, kind, provider } = body
      // a name of a directory says nothing of the one here that is called the same
      exchange.claims(provider === undefined ? people.byName(username)?.name : undefined)
      const person =
        provider === undefined
          ? (await signIn.check({ username, password, address: exchange.address })).person
          : await personThrough(provider, { username, password }, exchange)
      const { token, session } = await sessions.open(person.uid, kind)
      exchange.isOf(person, session.tokenHash)
      deps.log.info('signed in', { user: person.name, kind })
      const shown = await view({ person, kind, expiresAt: session.expiresAt })
      if (kind === 'cli') return { ...shown, token }
      exchange.setSessionCookie(token, session.expiresAt)
      return shown
    },
    'session.grantCommandLine': async ({ caller, body }) => {
      // who has a session of the command line could keep one without end
      if (caller.kind !== 'browser')
        throw new FlotillaError('auth.forbidden', { message: 'The command line is let in from a browser only' })
      deps.log.info('command line let in', { user: caller.person.name })
      return { code: codes.issue({ userUid: caller.person.uid, tokenHash: caller.tokenHash }, body.challenge) }
    },
    'session.redeemCommandLine': async ({ body, exchange }) => {
      const person = await signIn.bounded({ account: undefined, address: exchange.address }, async () => {
        const granted = await codes.redeem(body.code, body.verifier)
        // whoever signed out in the browser meanwhile, or had their password changed, lets nobody in
        const open = granted === undefined ? undefined : await sessions.stillOpen(granted.tokenHash)
        return open?.person.uid === granted?.userUid ? open?.person : undefined
      })
      const { token, session } = await sessions.open(person.uid, 'cli')
      exchange.isOf(person, session.tokenHash)
      return { ...(await view({ person, kind: 'cli', expiresAt: session.expiresAt })), token }
    },
    'session.get': ({ caller }) => view(caller),
    'session.signOut': async ({ caller, exchange }) => {
      await sessions.close(caller.tokenHash)
      exchange.clearSessionCookie()
      return done
    },
    'session.changePassword': async ({ caller, body, exchange }) => {
      const { currentPassword: current, newPassword: next } = body
      await signIn.change(caller.person, { current, next, address: exchange.address })
      await sessions.closeAllOf(caller.person.uid, caller.tokenHash)
      deps.log.info('password changed', { user: caller.person.name })
      return done
    },
    'access.check': async ({ caller, body, exchange }) => {
      const ask = async (question: (typeof body.questions)[number]) => {
        const { verb, group: of, resource, project, workspace, name } = question
        const namespace =
          project !== undefined
            ? projectNamespace(project)
            : workspace !== undefined
              ? workspaceNamespace(workspace)
              : ''
        const right = { verb, group: of, resource, namespace, name }
        const allowed = await authorizer.may(caller.identity, right, exchange.signal)
        if (allowed) return { allowed }
        const { message, remedy } = forbidden(right)
        return { allowed, reason: `${message}. ${remedy ?? ''}` }
      }
      return { answers: await Promise.all(body.questions.map(ask)) }
    },
    'users.setPassword': async ({ params, body, caller, exchange }) => {
      const user =
        deps.state.users.get('', params.user) ??
        // made a moment ago: the watch has not told of it yet
        (await caller.host.find({ group, kind: 'User', name: params.user }, { signal: exchange.signal }))
      if (user?.metadata.uid === undefined)
        throw new FlotillaError('request.not_found', {
          message: `There is no user ${params.user}`,
          field: 'user',
          value: params.user,
        })
      const { identity, service } = parseInput(UserSpec, user.spec, 'internal')
      if (service !== undefined)
        throw new FlotillaError('input.invalid', {
          message: `${params.user} is a service account, which has no password`,
          remedy: `Make it a token: flotilla api-token create NAME --for ${params.user}`,
          field: 'user',
          value: params.user,
        })
      if (identity !== undefined)
        throw new FlotillaError('input.invalid', {
          message: `${params.user} signs in through ${identity.provider}, and would still be let in when gone from there`,
          remedy: 'They change their password there',
          field: 'user',
          value: params.user,
        })
      await signIn.set(user.metadata.uid, body.password, body.mustChange)
      await sessions.closeAllOf(user.metadata.uid)
      deps.log.info('password set', { user: params.user, by: caller.person.name })
      return done
    },
  }

  /** A directory checks the password, with the same bounds as ours. */
  async function personThrough(
    provider: string,
    asked: { username: string; password: string },
    { address, signal }: Exchange,
  ): Promise<Person> {
    const account = `${provider} ${asNameOfDirectory(asked.username)}`
    const uid = await signIn.bounded({ account, address }, async () =>
      deps.providers?.password(provider, { ...asked, address }, signal),
    )
    const person = people.byUid(uid)
    if (person === undefined) throw new FlotillaError('auth.forbidden', { message: 'This account is disabled' })
    return person
  }
}

/** As directories compare names (RFC 4518): however one of them is written, its failures are counted together. */
const asNameOfDirectory = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replaceAll(/\s+/g, ' ')
    .trim()

export type SessionParts = Pick<Caller, 'person' | 'kind' | 'expiresAt'>

/** A session as its person sees it. */
export async function sessionView(
  { person: asked, kind, expiresAt }: SessionParts,
  signIn: Services['signIn'],
  people: People,
): Promise<SessionView> {
  // a token may be narrower than its person
  const person = kind === 'token' ? asked : (people.byUid(asked.uid) ?? asked)
  const { name, uid, displayName, email, roles, identity } = person
  return {
    person: { name, uid, displayName, email, roles: [...roles], groups: [...identity.groups] },
    kind,
    expiresAt,
    mustChangePassword: await signIn.mustChange(uid),
  }
}
