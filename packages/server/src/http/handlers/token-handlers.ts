import type { RouteResult } from '@flotilla/api'
import { FlotillaError, group, parseInput, User } from '@flotilla/model'
import { narrowPerson } from '../../access/narrow-person.ts'
import type { People, Person } from '../../access/people.ts'
import type { ApiToken } from '../../store/store.ts'
import type { Caller, Services, SomeHandlers } from '../handler.ts'
import { findProject } from '../views/fleet-index.ts'
import { notFound } from './fleet-handlers.ts'

type Row = RouteResult<'tokens.list'>['items'][number]

/** API tokens of the caller, and those of others for who looks after people. */
export function tokenHandlers({ deps, apiTokens, authorizer }: Services, people: People): SomeHandlers<'tokens'> {
  const { state } = deps

  async function ownerOf(user: string | undefined, caller: Caller, signal: AbortSignal): Promise<string> {
    if (user === undefined || user === caller.person.name) return caller.person.uid
    // one that was made a moment ago is not told of yet
    const found = state.users.get('', user) ?? (await readUser(user, signal))
    const home = found?.spec.service?.namespace
    // whoever sees nothing of a place is not told that an account belongs there
    const sees =
      home !== undefined &&
      (await authorizer.may(caller.identity, { verb: 'list', group, resource: 'memberships', namespace: home }, signal))
    const right = sees
      ? { verb: 'grant', group, resource: 'memberships', namespace: home }
      : { verb: 'update', group, resource: 'users', namespace: '' }
    await authorizer.check(caller.identity, right, signal)
    const uid = found?.metadata.uid
    if (uid === undefined) throw notFound('user', user)
    return uid
  }

  return {
    'tokens.list': async ({ query, caller, exchange }) => {
      const tokens = await apiTokens.list(await ownerOf(query.user, caller, exchange.signal))
      return { items: tokens.map(rowOf) }
    },
    'tokens.create': async ({ body, caller, exchange }) => {
      const userUid = await ownerOf(body.user, caller, exchange.signal)
      const person = userUid === caller.person.uid ? caller.person : people.byUid(userUid)
      if (person === undefined || (userUid !== caller.person.uid && !person.isService))
        throw new FlotillaError('auth.forbidden', {
          message: 'Nobody makes a token of another person',
          remedy: 'Make one of your own, or of a service account',
          field: 'user',
        })
      const project = body.project === undefined ? undefined : projectFor(body.project, person)
      const { name, days, access } = body
      const wanted = { userUid, createdBy: caller.person.name, name, days, access, project }
      const { token, made } = await apiTokens.create(wanted)
      deps.log.info('API token made', { user: person.name, token: made.id, access, project: project?.name })
      return { ...rowOf(made), token }
    },
    'tokens.revoke': async ({ params, query, caller, exchange }) => {
      await apiTokens.revoke(await ownerOf(query.user, caller, exchange.signal), params.token)
      deps.log.info('API token revoked', { token: params.token, by: caller.person.name })
      return { done: true }
    },
  }

  async function readUser(name: string, signal: AbortSignal): Promise<User | undefined> {
    const found = await deps.fleet.host.find({ group, kind: 'User', name }, { signal })
    return found === undefined ? undefined : parseInput(User, found, 'internal')
  }

  function projectFor(name: string, person: Person): { name: string; uid: string } {
    const uid = findProject(state, name)?.metadata.uid
    const project = { name, uid: uid ?? '' }
    const held = uid === undefined ? [] : narrowPerson(person, { access: 'read', project }, state).roles
    // a project that one does not see must look like one that does not exist
    if (held.length > 0) return project
    throw new FlotillaError('request.not_found', {
      message: `There is no project ${name} in which you have a role`,
      remedy: 'A token is for a project of yours, or for all that you may do',
      field: 'project',
      value: name,
    })
  }
}

function rowOf({ id, name, access, project, createdBy, createdAt, expiresAt, lastUsedAt }: ApiToken): Row {
  return {
    id,
    name,
    access,
    createdBy,
    createdAt,
    expiresAt,
    ...(project === undefined ? {} : { project: project.name }),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
  }
}
