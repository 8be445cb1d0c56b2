import type { RouteResult } from '@flotilla/api'
import {
  apiVersion,
  asFlotillaError,
  fieldManager,
  FlotillaError,
  group,
  systemNamespace,
  type User,
} from '@flotilla/model'
import { isAtHome } from '../../access/people.ts'
import type { Caller, Services, SomeHandlers } from '../handler.ts'
import { findProject } from '../views/fleet-index.ts'
import { notFound } from './fleet-handlers.ts'
import { placeOf } from './people-handlers.ts'

type Row = RouteResult<'serviceAccounts.list'>['items'][number]

/** Users that belong to a place. Who gives roles there makes them, although Users are the platform's. */
export function serviceAccountHandlers({ deps, authorizer }: Services): SomeHandlers<'serviceAccounts'> {
  const { state } = deps
  const { host } = deps.fleet
  const check = (caller: Caller, verb: string, namespace: string, signal: AbortSignal) =>
    authorizer.check(caller.identity, { verb, group, resource: 'memberships', namespace }, signal)
  return {
    'serviceAccounts.list': async ({ query, caller, exchange }) => {
      const namespace = placeOf(query)
      await check(caller, 'list', namespace, exchange.signal)
      return {
        items: state.users
          .list()
          .filter(({ spec }) => spec.service?.namespace === namespace)
          .map(rowOf),
      }
    },
    'serviceAccounts.add': async ({ body, caller, exchange }) => {
      const { name, displayName, project, workspace } = body
      const namespace = placeOf(body)
      await check(caller, 'grant', namespace, exchange.signal)
      const uid =
        project === undefined
          ? state.workspaces.get('', workspace ?? '')?.metadata.uid
          : findProject(state, project)?.metadata.uid
      if (namespace !== systemNamespace && uid === undefined) throw notFound('place', namespace)
      const service = { namespace, ...(uid === undefined ? {} : { uid }) }
      const spec = { ...(displayName === undefined ? {} : { displayName }), service }
      try {
        const { signal } = exchange
        const made = await host.create({ apiVersion, kind: 'User', metadata: { name }, spec }, { fieldManager, signal })
        deps.log.info('service account made', { name, namespace, by: caller.person.name })
        return { name, displayName, disabled: false, createdAt: made.metadata.creationTimestamp ?? '' }
      } catch (thrown) {
        if (asFlotillaError(thrown).code !== 'kube.conflict') throw thrown
        throw new FlotillaError('request.conflict', {
          message: `There is a user ${name} already`,
          remedy: 'Choose another name',
          field: 'name',
          value: name,
        })
      }
    },
    'serviceAccounts.remove': async ({ params, caller, exchange }) => {
      const user = state.users.get('', params.user)
      // a person must look like one that does not exist
      if (user?.spec.service === undefined || user.metadata.uid === undefined)
        throw notFound('service account', params.user)
      const { namespace: home } = user.spec.service
      const { signal } = exchange
      const listing = { verb: 'list', group, resource: 'memberships', namespace: home }
      // and so must one of a place of which they see nothing
      if (!(await authorizer.may(caller.identity, listing, signal))) throw notFound('service account', params.user)
      await check(caller, 'grant', home, signal)
      // a role of nobody would only be in the way of who reads the list; what others wrote elsewhere is theirs to remove
      for (const membership of state.memberships.list()) {
        const { metadata: given, spec: of } = membership
        if (of.user !== params.user || !isAtHome(membership, user, state)) continue
        const { namespace, name, uid } = given
        await host.delete({ group, kind: 'Membership', namespace, name }, { uid, signal })
      }
      await host.delete({ group, kind: 'User', name: params.user }, { uid: user.metadata.uid, signal })
      deps.log.info('service account removed', { name: params.user, by: caller.person.name })
      return { done: true }
    },
  }
}

const rowOf = ({ metadata, spec }: User): Row => ({
  name: metadata.name,
  displayName: spec.displayName,
  disabled: spec.disabled,
  createdAt: metadata.creationTimestamp ?? '',
})
