import type { RouteQuery } from '@flotilla/api'
import { group, projectNamespace, systemNamespace, workspaceNamespace } from '@flotilla/model'
import { grantsOf, listGrants } from '../../access/grants.ts'
import type { People } from '../../access/people.ts'
import type { Caller, Services, SomeHandlers } from '../handler.ts'
import { compareText, pageOf } from '../page-of.ts'
import { findProject } from '../views/fleet-index.ts'
import { beginsSo, matchesPerson, memberRow, personRow } from '../views/person-view.ts'
import { notFound } from './fleet-handlers.ts'
import { reviewAccess } from './review-access.ts'

const mostFound = 8

export function peopleHandlers(
  services: Services,
  people: People,
): SomeHandlers<'people'> & SomeHandlers<'members'> & Pick<SomeHandlers<'access'>, 'access.review'> {
  const { deps, authorizer } = services
  const { state } = deps
  const mayIn = (caller: Caller, verb: string, namespace: string, signal: AbortSignal) =>
    authorizer.may(caller.identity, { verb, group, resource: 'memberships', namespace }, signal)
  return {
    'people.list': async ({ query }) => {
      const grants = listGrants(state)
      const own = Map.groupBy(grants, ({ user }) => user)
      const ofGroups = own.get('') ?? []
      const rows = state.users
        .list()
        .map((user) => personRow(user, [...(own.get(user.metadata.name) ?? []), ...grantsOf(user, ofGroups, state)]))
      return pageOf(
        rows.filter((row) => matchesPerson(row, query)),
        {
          key: ({ name }) => name,
          compare: (a, b) => compareText(a.name, b.name),
          limit: query.limit,
          continue: query.continue,
        },
      )
    },
    'people.get': async ({ params }) => {
      const user = state.users.get('', params.user)
      if (user?.metadata.uid === undefined) throw notFound('user', params.user)
      const grants = grantsOf(user, listGrants(state), state)
      const record = await deps.store.passwords.get(user.metadata.uid)
      const password = record === undefined ? 'none' : record.mustChange ? 'must-change' : 'set'
      return { ...personRow(user, grants), grants, password }
    },
    'people.find': async ({ query, caller, exchange }) => {
      const right = { verb: 'create', group, resource: 'memberships', namespace: placeOf(query) }
      await authorizer.check(caller.identity, right, exchange.signal)
      const found = state.users.list().filter((user) => !user.spec.disabled && beginsSo(user, query.q))
      const items = found
        .sort((a, b) => compareText(a.metadata.name, b.metadata.name))
        .slice(0, mostFound)
        .map(({ metadata, spec }) => ({ name: metadata.name, displayName: spec.displayName }))
      return { items }
    },
    'members.list': async ({ query, caller, exchange }) => {
      const own = placeOf(query)
      await authorizer.check(
        caller.identity,
        { verb: 'list', group, resource: 'memberships', namespace: own },
        exchange.signal,
      )
      const { project, workspace } = query
      if (project !== undefined && findProject(state, project) === undefined) throw notFound('project', project)
      if (project === undefined && workspace !== undefined && state.workspaces.get('', workspace) === undefined)
        throw notFound('workspace', workspace)
      const namespaces = [own]
      for (const above of placesAbove(query))
        if (await mayIn(caller, 'list', above, exchange.signal)) namespaces.push(above)
      const items = namespaces.flatMap((namespace) =>
        listGrants(state, [namespace])
          .sort((a, b) => compareText(a.user, b.user))
          .map((grant) => memberRow(grant, state.users.get('', grant.user))),
      )
      return { items }
    },
    'access.review': ({ body, caller, exchange }) =>
      reviewAccess({ ...services, people }, body, placeOf(body), caller, exchange.signal),
  }

  /** Where roles are given that act in the place, too. */
  function placesAbove({ project, workspace }: Place): string[] {
    if (project === undefined) return workspace === undefined ? [] : [systemNamespace]
    const of = findProject(state, project)?.metadata.namespace
    return of === undefined ? [systemNamespace] : [of, systemNamespace]
  }
}

type Place = Pick<NonNullable<RouteQuery<'members.list'>>, 'project' | 'workspace'>

/** Host namespace of the Memberships of a place. */
export function placeOf({ project, workspace }: Place): string {
  if (project !== undefined) return projectNamespace(project)
  return workspace === undefined ? systemNamespace : workspaceNamespace(workspace)
}
