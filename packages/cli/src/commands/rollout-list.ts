import type { RolloutRow } from '@flotilla/api'
import type { Io } from '../io.ts'
import { age } from '../print/age.ts'
import { stateColour } from '../print/colour.ts'
import { printResult } from '../print/result.ts'
import { table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'
import { applicationFilter } from './application-filter.ts'
import { limitOf, type ReleaseOptions } from './release-options.ts'

export interface ListRolloutsOptions extends ReleaseOptions {
  readonly app?: string
  readonly release?: string
  readonly phase?: readonly string[]
  readonly running?: boolean
  readonly limit: string
}

/** Runs, newest first. */
export async function listRollouts(io: Io, options: ListRolloutsOptions): Promise<void> {
  const { release, phase, running } = options
  const limit = limitOf(options.limit, 500)
  const { api } = await connect(io, options.context)
  const page = await api.rollouts.list({
    query: {
      ...applicationFilter(io, options),
      ...(release === undefined ? {} : { release }),
      ...(phase === undefined ? {} : { phase: [...phase] }),
      ...(running === true ? { running: 'true' } : {}),
      limit,
    },
    signal: io.signal,
  })
  if (options.output !== 'table') return await printResult(io, options.output, page)
  if (page.items.length === 0) return io.err('No rollout that you may see fits\n')
  const heads = ['NAME', 'APPLICATION', 'RELEASE', 'PLAN', 'PHASE', 'FOR', 'TARGETS', 'WAITS FOR', 'BY', 'AGE']
  io.out(table(io, heads, page.items.map(rowOf(io))))
  if (page.continue !== undefined) io.err(`Shown: ${page.items.length} of ${page.total}; narrow it, or say --limit\n`)
}

const rowOf = (io: Io) => (row: RolloutRow) => {
  const { total, done, failed, deferred } = row.targets
  const others = [failed > 0 ? `${failed} failed` : '', deferred > 0 ? `${deferred} deferred` : '']
  return [
    `${row.project}/${row.name}`,
    row.application,
    row.action === 'Release' ? row.release : `back from ${row.release}`,
    row.plan,
    { text: row.phase, colour: stateColour(row.phase) },
    age(row.since, io.now()),
    [`${done}/${total}`, ...others.filter((one) => one !== '')].join(', '),
    row.waitingFor ?? row.message,
    row.author.name,
    age(row.createdAt, io.now()),
  ]
}
