import type { ReleaseRow } from '@flotilla/api'
import type { Io } from '../io.ts'
import { age } from '../print/age.ts'
import { stateColour } from '../print/colour.ts'
import { countsText } from '../print/release-text.ts'
import { printResult } from '../print/result.ts'
import { table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'
import { applicationFilter } from './application-filter.ts'
import { limitOf, type ReleaseOptions } from './release-options.ts'

export interface ListReleasesOptions extends ReleaseOptions {
  readonly app?: string
  readonly phase?: readonly string[]
  readonly query?: string
  readonly limit: string
}

/** Releases, newest first. */
export async function listReleases(io: Io, options: ListReleasesOptions): Promise<void> {
  const { phase, query } = options
  const limit = limitOf(options.limit, 500)
  const { api } = await connect(io, options.context)
  const page = await api.releases.list({
    query: {
      ...applicationFilter(io, options),
      ...(phase === undefined ? {} : { phase: [...phase] }),
      ...(query === undefined ? {} : { q: query }),
      limit,
    },
    signal: io.signal,
  })
  if (options.output !== 'table') return await printResult(io, options.output, page)
  if (page.items.length === 0)
    return io.err('No release that you may see fits. Make one: flotilla release create APP\n')
  const heads = ['NAME', 'APPLICATION', 'PHASE', 'TITLE', 'TARGETS', 'CHANGES', 'APPROVED', 'ROLLOUT', 'AGE']
  io.out(table(io, heads, page.items.map(rowOf(io))))
  if (page.continue !== undefined) io.err(`Shown: ${page.items.length} of ${page.total}; narrow it, or say --limit\n`)
}

const rowOf = (io: Io) => (row: ReleaseRow) => [
  `${row.project}/${row.name}`,
  row.application,
  { text: row.freezing ? 'Freezing' : row.phase, colour: stateColour(row.phase) },
  row.title,
  row.frozenAt === undefined ? undefined : row.targets,
  row.frozenAt === undefined ? undefined : countsText(row.changes),
  row.approvals.rejected > 0
    ? { text: `${row.approvals.rejected} no`, colour: 'red' as const }
    : row.approvals.approved,
  row.rollout === undefined ? undefined : `${row.rollout.name} ${row.rollout.phase}`,
  age(row.createdAt, io.now()),
]
