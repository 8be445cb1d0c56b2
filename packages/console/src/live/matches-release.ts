import type { ReleaseRow } from '@flotilla/api'
import type { ReleaseListQuery } from '../query/keys.ts'

const asList = (value: string | readonly string[] | undefined): readonly string[] | undefined =>
  typeof value === 'string' ? [value] : value

/** Whether a changed release still belongs to a filtered list: the same rules as the server's. */
export function matchesRelease(row: ReleaseRow, query: ReleaseListQuery): boolean {
  const project = asList(query.project)
  const application = asList(query.application)
  const phase = asList(query.phase)
  if (project !== undefined && !project.includes(row.project)) return false
  if (application !== undefined && !application.includes(row.application)) return false
  if (phase !== undefined && !phase.includes(row.phase)) return false
  const words = (query.q ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const text = [row.name, row.title ?? '', row.application, row.project, ...row.tickets].join('\n').toLowerCase()
  return words.every((word) => text.includes(word))
}
