import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { roleText } from '../print/role-text.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'
import { applyOne } from './apply-one.ts'

export interface PlaceOptions {
  readonly context?: string
  readonly project?: string
  readonly workspace?: string
  readonly platform?: boolean
}

interface Place {
  /** As the API takes it. */
  readonly query: { readonly project?: string; readonly workspace?: string }
  readonly namespace: string
  readonly words: string
}

export async function listMembers(io: Io, options: PlaceOptions & { readonly output: OutputForm }): Promise<void> {
  const { api } = await connect(io, options.context)
  const answer = await api.members.list({ query: placeOf(options).query, signal: io.signal })
  if (options.output !== 'table') return await printResult(io, options.output, answer)
  const rows = answer.items.map((row) => [
    row.user,
    row.displayName ?? '',
    roleText(row),
    row.disabled ? 'disabled' : row.state === 'Given' ? '' : row.state,
  ])
  io.out(rows.length === 0 ? 'Nobody has a role there\n' : table(io, ['NAME', 'DISPLAY NAME', 'ROLE', ''], rows))
}

/** Gives a role; one that they had there in our name for it is replaced. */
export async function addMember(io: Io, user: string, role: string, options: PlaceOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const { namespace, words } = placeOf(options)
  const outcome = await applyOne(io, api, {
    mode: 'apply',
    force: true,
    object: { kind: 'Membership', metadata: { name: user, namespace }, spec: { user, role } },
  })
  io.out(outcome === 'unchanged' ? `${user} is ${role} of ${words} already\n` : `${user} is ${role} of ${words} now\n`)
}

/** Takes every role away that the person has in that very place. */
export async function removeMember(io: Io, user: string, options: PlaceOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const { query, namespace, words } = placeOf(options)
  const scope = query.project !== undefined ? 'project' : query.workspace !== undefined ? 'workspace' : 'platform'
  const { items } = await api.members.list({ query, signal: io.signal })
  const theirs = items.filter((row) => row.user === user && row.scope === scope)
  if (theirs.length === 0)
    throw new UsageError(`${user} has no role in ${words} itself; flotilla member list shows who has which`)
  for (const { membership } of theirs)
    await api.kinds.remove({
      params: { kind: 'Membership', name: membership },
      query: { namespace },
      signal: io.signal,
    })
  io.out(
    `${user} is no longer ${theirs.map(({ role }) => role).join(' and ')} of ${words}. Undo: flotilla member add ${user} ${theirs[0]?.role ?? ''} ${placeFlag(options)}\n`,
  )
}

function placeOf({ project, workspace, platform = false }: PlaceOptions): Place {
  const given = [project !== undefined, workspace !== undefined, platform].filter(Boolean).length
  if (given !== 1) throw new UsageError('say where: -n PROJECT, -w WORKSPACE or --platform')
  if (project !== undefined) return { query: { project }, namespace: `pj-${project}`, words: `project ${project}` }
  if (workspace !== undefined)
    return { query: { workspace }, namespace: `ws-${workspace}`, words: `workspace ${workspace}` }
  return { query: {}, namespace: 'flotilla-system', words: 'the platform' }
}

const placeFlag = ({ project, workspace }: PlaceOptions): string =>
  project !== undefined ? `-n ${project}` : workspace !== undefined ? `-w ${workspace}` : '--platform'
