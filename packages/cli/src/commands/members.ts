import { createHash } from 'node:crypto'
import type { ApiClient } from '@flotilla/api'
import { builtInRoles, type RoleScope } from '@flotilla/model/built-in-roles'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { roleText } from '../print/role-text.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'
import { applyOne } from './apply-one.ts'
import { noSuchRole } from './no-such-role.ts'

export interface PlaceOptions {
  readonly context?: string
  readonly project?: string
  readonly workspace?: string
  readonly platform?: boolean
}

interface Place {
  readonly scope: RoleScope
  /** As the API takes it. */
  readonly query: { readonly project?: string; readonly workspace?: string }
  readonly namespace: string
  readonly words: string
  /** As an option of a command. */
  readonly flag: string
}

export async function listMembers(io: Io, options: PlaceOptions & { readonly output: OutputForm }): Promise<void> {
  const { api } = await connect(io, options.context)
  const answer = await api.members.list({ query: placeOf(options).query, signal: io.signal })
  if (options.output !== 'table') return await printResult(io, options.output, answer)
  const rows = answer.items.map((row) => [
    row.group === undefined ? row.user : `${row.group.name} of ${row.group.provider}`,
    row.displayName ?? '',
    roleText(row),
    row.disabled ? 'disabled' : row.state === 'Given' ? '' : row.state,
  ])
  io.out(rows.length === 0 ? 'Nobody has a role there\n' : table(io, ['NAME', 'DISPLAY NAME', 'ROLE', ''], rows))
}

/** Gives a role; one that they had there in our name for it is replaced. */
export async function addMember(io: Io, user: string, role: string, options: PlaceOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const place = placeOf(options)
  const { namespace, words } = place
  await checkRole(io, api, role, place)
  const theirs = await readRoles(io, api, user, place)
  const object = { kind: 'Membership', metadata: { name: user, namespace }, spec: { user, role } }
  const outcome = await applyOne(io, api, { mode: 'apply', force: true, object })
  // only after the server took the role: what it refuses changes nothing
  const isOfAnother = theirs.some(({ membership, state }) => membership === user && state === 'OtherPerson')
  if (isOfAnother) {
    await api.kinds.remove({ params: { kind: 'Membership', name: user }, query: { namespace }, signal: io.signal })
    await applyOne(io, api, { mode: 'create', object })
  }
  const isAlready = outcome === 'unchanged' && !isOfAnother
  io.out(`${user} is ${role} of ${words} ${isAlready ? 'already' : 'now'}\n`)
  for (const other of theirs)
    if (other.membership !== user && other.state === 'Given')
      io.err(
        `${user} is also ${other.role} there, by Membership ${other.membership}; flotilla member remove ${user} ${place.flag} takes all away\n`,
      )
}

/** Gives a role to everybody whom an identity provider has in a group. */
export async function addGroup(
  io: Io,
  name: string,
  role: string,
  options: PlaceOptions & { readonly provider: string },
): Promise<void> {
  const { api } = await connect(io, options.context)
  const place = placeOf(options)
  const { namespace, words } = place
  const { provider } = options
  await checkRole(io, api, role, place)
  const theirs = (await readGroup(io, api, name, provider, place)).filter(({ role: held }) => held === role)
  if (theirs.length === 0) {
    const digest = createHash('sha256').update(`${provider}\0${name}\0${role}`).digest('hex').slice(0, 16)
    const object = {
      kind: 'Membership',
      metadata: { name: `group-${digest}`, namespace },
      spec: { group: { provider, name }, role },
    }
    await applyOne(io, api, { mode: 'create', object })
  }
  io.out(`Group ${name} of ${provider} is ${role} of ${words} ${theirs.length === 0 ? 'now' : 'already'}\n`)
}

/** Takes every role away that the group has in that very place. */
export async function removeGroup(
  io: Io,
  name: string,
  options: PlaceOptions & { readonly provider: string },
): Promise<void> {
  const { api } = await connect(io, options.context)
  const place = placeOf(options)
  const theirs = await readGroup(io, api, name, options.provider, place)
  if (theirs.length === 0)
    throw new UsageError(`group ${name} of ${options.provider} has no role in ${place.words} itself`)
  for (const { membership } of theirs)
    await api.kinds.remove({
      params: { kind: 'Membership', name: membership },
      query: { namespace: place.namespace },
      signal: io.signal,
    })
  const roles = theirs.map(({ role }) => role).join(' and ')
  io.out(`Group ${name} of ${options.provider} is no longer ${roles} of ${place.words}\n`)
}

async function readGroup(io: Io, api: ApiClient, name: string, provider: string, { query, scope }: Place) {
  const { items } = await api.members.list({ query, signal: io.signal })
  return items.filter(({ group, scope: of }) => group?.name === name && group.provider === provider && of === scope)
}

/** Takes every role away that the person has in that very place. */
export async function removeMember(io: Io, user: string, options: PlaceOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const place = placeOf(options)
  const { namespace, words } = place
  const theirs = await readRoles(io, api, user, place)
  if (theirs.length === 0)
    throw new UsageError(`${user} has no role in ${words} itself; flotilla member list shows who has which`)
  for (const { membership } of theirs)
    await api.kinds.remove({
      params: { kind: 'Membership', name: membership },
      query: { namespace },
      signal: io.signal,
    })
  io.out(
    `${user} is no longer ${theirs.map(({ role }) => role).join(' and ')} of ${words}. Undo: flotilla member add ${user} ${theirs[0]?.role ?? ''} ${place.flag}\n`,
  )
}

/** What they were given in that very place, not above it. */
async function readRoles(io: Io, api: ApiClient, user: string, { query, scope }: Place) {
  const { items } = await api.members.list({ query, signal: io.signal })
  return items.filter((row) => row.user === user && row.scope === scope)
}

/** A Membership of a role that is not there would be taken, as the role may follow; who types one means one that is. */
async function checkRole(io: Io, api: ApiClient, role: string, { scope, query, words }: Place): Promise<void> {
  const builtIn: readonly string[] = builtInRoles[scope]
  if (builtIn.includes(role)) return
  const { items } = await api.roles.list({ query, signal: io.signal })
  if (!items.some(({ name }) => name === role)) throw noSuchRole(role, words, items)
}

export function placeOf({ project, workspace, platform = false }: PlaceOptions): Place {
  const given = [project !== undefined, workspace !== undefined, platform].filter(Boolean).length
  if (given !== 1) throw new UsageError('say where: -n PROJECT, -w WORKSPACE or --platform')
  const flag = project !== undefined ? `-n ${project}` : workspace !== undefined ? `-w ${workspace}` : '--platform'
  if (project !== undefined)
    return { scope: 'project', query: { project }, namespace: `pj-${project}`, words: `project ${project}`, flag }
  if (workspace !== undefined)
    return {
      scope: 'workspace',
      query: { workspace },
      namespace: `ws-${workspace}`,
      words: `workspace ${workspace}`,
      flag,
    }
  return { scope: 'platform', query: {}, namespace: 'flotilla-system', words: 'the platform', flag }
}
