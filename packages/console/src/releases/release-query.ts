import type { ReleaseRow } from '@flotilla/api'
import type { ReleaseListQuery } from '../query/keys.ts'

/** In the order in which a release goes through them. */
export const phases: readonly ReleaseRow['phase'][] = [
  'Draft',
  'Frozen',
  'Rolling',
  'Active',
  'Superseded',
  'RolledBack',
  'Rejected',
]
const sorts = ['created', '-created', 'name', '-name'] as const

/** Whether only what waits for an approval is asked for. */
export const waitsOnly = (search: URLSearchParams): boolean => search.get('waits') === 'approval'

/** What the address asks for, as the server is asked. Words that mean nothing are left out. */
export function readReleaseQuery(search: URLSearchParams): ReleaseListQuery {
  const q = search.get('q')?.trim().slice(0, 200) ?? ''
  const project = search.getAll('project').filter((word) => word !== '')
  const application = search.getAll('application').filter((word) => word !== '')
  // only what goes out can wait for an approval
  const phase = waitsOnly(search) ? ['Rolling'] : phases.filter((one) => search.getAll('phase').includes(one))
  const sort = sorts.find((one) => one === search.get('sort'))
  return {
    ...(q === '' ? {} : { q }),
    ...(project.length === 0 ? {} : { project }),
    ...(application.length === 0 ? {} : { application }),
    ...(phase.length === 0 ? {} : { phase }),
    ...(sort === undefined ? {} : { sort }),
  }
}

export const isFiltered = (query: ReleaseListQuery): boolean => Object.keys(query).some((name) => name !== 'sort')

export const waitsForApproval = (row: ReleaseRow): boolean => row.rollout?.awaits === 'approval'
