import type { HealthState } from '@flotilla/model'
import type { ApplicationListQuery } from '../query/keys.ts'

const states: readonly HealthState[] = [
  'Failed',
  'Degraded',
  'Missing',
  'Progressing',
  'Suspended',
  'Unknown',
  'Healthy',
]
const sorts = ['name', 'project', 'health', 'changed'] as const

/** Health states in the order in which one looks for trouble. */
export const filterStates = states

const isSort = (text: string): text is NonNullable<ApplicationListQuery['sort']> =>
  sorts.some((sort) => text === sort || text === `-${sort}`)

/** What the address asks for, as the server is asked. Words that mean nothing are left out, so that an old link still works. */
export function readListQuery(search: URLSearchParams, clusters: readonly string[] | undefined): ApplicationListQuery {
  const q = search.get('q')?.trim().slice(0, 200) ?? ''
  const health = search.getAll('health').filter((word) => states.some((state) => state === word))
  const project = search.getAll('project').filter((word) => word !== '')
  const workspace = search.getAll('workspace').filter((word) => word !== '')
  const sort = search.get('sort') ?? ''
  return {
    ...(q === '' ? {} : { q }),
    ...(health.length === 0 ? {} : { health }),
    ...(project.length === 0 ? {} : { project }),
    ...(workspace.length === 0 ? {} : { workspace }),
    ...(clusters === undefined ? {} : { cluster: [...clusters] }),
    ...(isSort(sort) ? { sort } : {}),
  }
}

/** Whether a list is narrowed at all: an empty one then says "filtered out", not "nothing yet". */
export const isFiltered = (query: ApplicationListQuery): boolean => Object.keys(query).some((name) => name !== 'sort')
