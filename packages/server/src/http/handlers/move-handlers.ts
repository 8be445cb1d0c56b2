import {
  apiVersion,
  endedMovePhases,
  FlotillaError,
  group,
  Move,
  parseInput,
  personManager,
  projectNamespace,
  type MoveSpec,
} from '@flotilla/model'
import type { Caller, Services, SomeHandlers } from '../handler.ts'
import { compareText } from '../page-of.ts'
import { findProject } from '../views/fleet-index.ts'
import { moveRow } from '../views/move-view.ts'
import { notFound } from './fleet-handlers.ts'

interface Named {
  readonly project: string
  readonly move: string
}

type Asked = 'confirmedTraffic' | 'undo' | 'abort'

export function moveHandlers({ deps, index }: Services): SomeHandlers<'moves'> {
  const row = (move: Move) => moveRow(move, deps.state.users.list())
  const now = (): string => new Date(deps.clock.now()).toISOString()
  const isOpen = ({ status }: Move): boolean => status?.phase === undefined || !endedMovePhases.includes(status.phase)

  const read = async ({ project, move }: Named, caller: Caller, signal: AbortSignal): Promise<Move> => {
    const key = { group, kind: 'Move', namespace: projectNamespace(project), name: move }
    const found = await caller.host.find(key, { signal })
    if (found === undefined) throw notFound('move', move)
    return parseInput(Move, found)
  }

  const ask = async (what: Asked, named: Named, reason: string | undefined, caller: Caller, signal: AbortSignal) => {
    const move = await read(named, caller, signal)
    if (move.spec.control[what] !== undefined) return row(move)
    if (!isOpen(move))
      throw new FlotillaError('request.conflict', {
        message: `The move ${named.move} has ended (${move.status?.phase ?? ''})`,
        remedy: 'Start another one to bring the application elsewhere',
      })
    const { control } = move.spec
    if (what === 'confirmedTraffic' && control.undo !== undefined)
      throw new FlotillaError('request.conflict', { message: `The move ${named.move} is on its way back` })
    const asked = { by: caller.identity.user, at: now(), ...(reason === undefined ? {} : { reason }) }
    const after = await caller.host.patch(
      { group, kind: 'Move', namespace: projectNamespace(named.project), name: named.move },
      { type: 'merge', body: { spec: { control: { [what]: asked } } } },
      { fieldManager: personManager, signal },
    )
    return row(parseInput(Move, after))
  }

  return {
    'moves.start': async ({ params, body, caller, exchange }) => {
      const { project, application } = params
      if (index.parts(project, application) === undefined) throw notFound('application', application)
      const namespace = projectNamespace(project)
      const other = deps.state.moves.list(namespace).find((one) => one.spec.application === application && isOpen(one))
      if (other !== undefined)
        throw new FlotillaError('request.conflict', {
          message: `The move ${other.metadata.name} has ${application} in hand`,
          remedy: 'Wait until it has ended, or undo it',
        })
      const asked = { by: caller.identity.user, at: now() }
      const spec: MoveSpec = {
        application,
        from: body.from,
        to: body.to,
        author: caller.identity.user,
        control: body.confirmTraffic ? { confirmedTraffic: asked } : {},
      }
      const time = now().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
      const metadata = { name: `${application}-${time}`, namespace }
      const made = await caller.host.create(
        { apiVersion, kind: 'Move', metadata, spec },
        { fieldManager: personManager, signal: exchange.signal },
      )
      return row(parseInput(Move, made))
    },
    'moves.list': async ({ params, query }) => {
      if (findProject(deps.state, params.project) === undefined) throw notFound('project', params.project)
      const found = deps.state.moves
        .list(projectNamespace(params.project))
        .filter(({ spec }) => query.application === undefined || spec.application === query.application)
        .map(row)
        .sort((a, b) => compareText(b.createdAt, a.createdAt) || compareText(b.name, a.name))
      const items = found.slice(0, query.limit)
      return { items, left: found.length - items.length }
    },
    'moves.get': async ({ params, caller, exchange }) => row(await read(params, caller, exchange.signal)),
    'moves.confirmTraffic': ({ params, body, caller, exchange }) =>
      ask('confirmedTraffic', params, body?.reason, caller, exchange.signal),
    'moves.undo': ({ params, body, caller, exchange }) => ask('undo', params, body?.reason, caller, exchange.signal),
    'moves.abort': ({ params, body, caller, exchange }) => ask('abort', params, body?.reason, caller, exchange.signal),
  }
}
