import type { ApplicationRow } from '@flotilla/api'
import type { ApplicationListQuery } from '../query/keys.ts'

const asList = (value: string | readonly string[] | undefined): readonly string[] | undefined =>
  typeof value === 'string' ? [value] : value

/** Whether a changed row still belongs to a filtered list: the same rules as the server's, so that deltas are filtered too. */
export function matchesQuery(row: ApplicationRow, query: ApplicationListQuery): boolean {
  const health = asList(query.health)
  const cluster = asList(query.cluster)
  const project = asList(query.project)
  const workspace = asList(query.workspace)
  if (health !== undefined && !health.includes(row.health.state)) return false
  if (project !== undefined && !project.includes(row.project)) return false
  if (workspace !== undefined && (row.workspace === undefined || !workspace.includes(row.workspace))) return false
  if (cluster !== undefined && !row.clusters.some((target) => cluster.includes(target.cluster))) return false
  const wanted = query.q?.trim().toLowerCase() ?? ''
  if (wanted === '') return true
  const words = [row.name, row.project, ...row.components.flatMap(({ name, version = '' }) => [name, version])]
  return words.some((word) => word.toLowerCase().includes(wanted))
}
