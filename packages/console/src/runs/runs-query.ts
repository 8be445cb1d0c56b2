import type { RunQuery } from '../query/use-runs.ts'

export const viewNames = ['ran', 'where'] as const
export type ViewName = (typeof viewNames)[number]

const text = (search: URLSearchParams, name: string): string => search.get(name)?.trim().slice(0, 512) ?? ''

/** A moment as `<input type="datetime-local">` writes it, in the zone that the reader chose; undefined where it is none. */
export function readMoment(word: string, zone: 'local' | 'utc'): string | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(word)) return undefined
  const time = new Date(zone === 'utc' ? `${word}Z` : word)
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString()
}

/** What the address asks for. One cluster of the filter of every page narrows it, too. */
export function readRunQuery(
  search: URLSearchParams,
  clusters: readonly string[] | undefined,
  zone: 'local' | 'utc',
): RunQuery {
  const [only] = clusters?.length === 1 ? clusters : []
  const cluster = text(search, 'in') || (only ?? '')
  const at = readMoment(text(search, 'at'), zone)
  const project = search.getAll('project').filter((word) => word !== '')
  const fields = {
    application: text(search, 'application'),
    component: text(search, 'component'),
    image: text(search, 'image'),
  }
  return {
    ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '')),
    ...(cluster === '' ? {} : { cluster }),
    ...(project.length === 0 ? {} : { project }),
    ...(at === undefined ? {} : { at }),
    ...(search.get('now') === '1' ? { running: 'true' as const } : {}),
  }
}
