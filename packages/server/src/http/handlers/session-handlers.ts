import type { SessionView } from '@flotilla/api'
import { FlotillaError, group, projectNamespace, workspaceNamespace } from '@flotilla/model'
import { forbidden } from '../../access/authorizer.ts'
import type { People, Person } from '../../access/people.ts'
import type { Caller, Services, SomeHandlers } from '../handler.ts'

export function sessionHandlers(
  services: Services,
  people: People,
): SomeHandlers<'meta'> &
  SomeHandlers<'session'> &
  Pick<SomeHandlers<'access'>, 'access.check'> &
  SomeHandlers<'users'> {
  const { sessions, signIn, authorizer, deps } = services
  const done = { done: true } as const
  const view = async (caller: Pick<Caller, 'person' | 'kind' | 'expiresAt'>): Promise<SessionView> => ({
    person: personView(caller.person),
    kind: caller.kind,
    expiresAt: caller.expiresAt,
    mustChangePassword: await signIn.mustChange(caller.person.uid),
  })
  return {
    'meta.get': async () => ({ product: 'flotilla', version: deps.version, signIn: ['password'] }),
    'session.signIn': async ({ body, exchange }) => {
      const { username, password, kind } = body
      exchange.claims(people.byName(username)?.name)
      const { person } = await signIn.check({ username, password, address: exchange.address })
      const { token, session } = await sessions.open(person.uid, kind)
      exchange.isOf(person, session.tokenHash)
      deps.log.info('signed in', { user: person.name, kind })
      const shown = await view({ person, kind, expiresAt: session.expiresAt })
      if (kind === 'cli') return { ...shown, token }
      exchange.setSessionCookie(token, session.expiresAt)
      return shown
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
      await signIn.set(user.metadata.uid, body.password, body.mustChange)
      await sessions.closeAllOf(user.metadata.uid)
      deps.log.info('password set', { user: params.user, by: caller.person.name })
      return done
    },
  }

  function personView(person: Person): SessionView['person'] {
    const { name, uid, displayName, email, roles, identity } = people.byUid(person.uid) ?? person
    return {
      name,
      uid,
      displayName,
      email,
      roles: [...roles],
      groups: [...identity.groups],
    }
  }
}
