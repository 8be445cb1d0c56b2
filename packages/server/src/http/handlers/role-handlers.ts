import type { RoleRow } from '@flotilla/api'
import {
  builtInGrants,
  builtInRoles,
  type CustomRole,
  findCondition,
  grantsOfScope,
  group,
  type RoleGrantId,
  roleScopeOf,
  type RoleScope,
} from '@flotilla/model'
import { listGrants } from '../../access/grants.ts'
import type { Services, SomeHandlers } from '../handler.ts'
import { compareText } from '../page-of.ts'
import { findProject } from '../views/fleet-index.ts'
import { notFound } from './fleet-handlers.ts'
import { placeOf } from './people-handlers.ts'

const mostNamed = 50

export function roleHandlers({ deps, authorizer }: Services): SomeHandlers<'roles'> {
  const { state } = deps
  return {
    'roles.list': async ({ query, caller, exchange }) => {
      const namespace = placeOf(query)
      const right = { verb: 'list', group, resource: 'memberships', namespace }
      await authorizer.check(caller.identity, right, exchange.signal)
      const { project, workspace } = query
      if (project !== undefined && findProject(state, project) === undefined) throw notFound('project', project)
      if (project === undefined && workspace !== undefined && state.workspaces.get('', workspace) === undefined)
        throw notFound('workspace', workspace)
      const scope = roleScopeOf(namespace) ?? 'platform'
      const holders = Map.groupBy(listGrants(state, [namespace]), ({ role }) => role)
      const who = (role: string) => {
        const names = (holders.get(role) ?? []).map((one) =>
          one.group === undefined ? one.user : `group ${one.group.name} of ${one.group.provider}`,
        )
        return { givenTo: names.sort(compareText).slice(0, mostNamed), givenCount: names.length }
      }
      const customs = state.customRoles
        .list(namespace)
        .toSorted((a, b) => compareText(a.metadata.name, b.metadata.name))
        .map((role) => Object.assign(customRow(role), who(role.metadata.name)))
      const builtIn = builtInRoles[scope].map((name) => Object.assign(builtInRow(scope, name), who(name)))
      return { items: [...builtIn, ...customs], offered: [...grantsOfScope(scope)] }
    },
  }
}

type Row = Omit<RoleRow, 'givenTo' | 'givenCount'>

function builtInRow(scope: RoleScope, name: string): Row {
  const all: Readonly<Record<string, readonly RoleGrantId[]>> = builtInGrants[scope]
  const grants = [...(all[name] ?? [])]
  return { name, builtIn: true, grants, givesRoles: name === 'admin', rules: [], state: 'Ready', clusters: [] }
}

function customRow({ metadata, spec, status }: CustomRole): Row {
  const ready = findCondition(status?.conditions, 'Ready')
  const { displayName, description } = spec
  const state =
    metadata.deletionTimestamp !== undefined
      ? 'Removing'
      : ready?.status === 'True' && status?.observedGeneration === metadata.generation
        ? 'Ready'
        : ready?.reason === 'Refused'
          ? 'Refused'
          : 'Pending'
  return {
    name: metadata.name,
    builtIn: false,
    ...(displayName === undefined ? {} : { displayName }),
    ...(description === undefined ? {} : { description }),
    grants: [...spec.grants],
    givesRoles: false,
    rules: spec.rules,
    state,
    ...(ready === undefined || state === 'Ready' ? {} : { message: ready.message }),
    clusters: status?.clusters ?? [],
  }
}
