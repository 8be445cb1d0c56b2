import { type ResourceName, resourceNames } from '@flotilla/api'
import { parseLabelSelector } from '@flotilla/model/label-selector'
import type { ResourceListFilter } from '../query/use-resources.ts'
import { isSort, type Sort } from './compare-rows.ts'

/** Words of the address that narrow the list and are shown as chips, each with one value. */
export const chipParams = ['namespace', 'node', 'owner', 'image', 'project', 'workspace'] as const

export const kindNamed = (text: string | undefined): ResourceName =>
  resourceNames.find((name) => name === text) ?? 'pods'

export const usualSort = (kind: ResourceName): Sort => (kind === 'events' ? '-last' : 'name')

export function readSort(search: URLSearchParams, kind: ResourceName): Sort {
  const sort = search.get('sort') ?? ''
  return isSort(sort) ? sort : usualSort(kind)
}

/** What the address asks for, as the server is asked. What means nothing is left out, so that an old link still works. */
export function readFilter(search: URLSearchParams, clusters: readonly string[] | undefined): ResourceListFilter {
  const q = search.get('q')?.trim().slice(0, 200) ?? ''
  const labels = search.get('labels')?.trim().slice(0, 1000) ?? ''
  const state = search.getAll('state').filter((word) => word !== '')
  const chips = chipParams.flatMap((name) => {
    const value = search.get(name) ?? ''
    return value === '' ? [] : [[name, value] as const]
  })
  return {
    ...(q === '' ? {} : { q }),
    ...(labels === '' || 'wrong' in parseLabelSelector(labels) ? {} : { labels }),
    ...(state.length === 0 ? {} : { state }),
    ...Object.fromEntries(chips),
    // a label that fits no cluster means none of them, which an empty list would not say
    ...(clusters === undefined ? {} : { cluster: clusters.length === 0 ? ['-'] : [...clusters] }),
  }
}

export const isFiltered = (filter: ResourceListFilter): boolean => Object.keys(filter).length > 0
