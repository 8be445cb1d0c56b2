import { type ResourceName, resourceTopic, type RouteQuery } from '@flotilla/api'
import {
  type InfiniteData,
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
  useQuery,
} from '@tanstack/react-query'
import type { ResourcePage } from '@flotilla/api'
import { placeRows, type RowItem } from '../resources/place-rows.ts'
import { rememberRows, rowsSince } from '../resources/recent-rows.ts'
import type { Sort } from '../resources/compare-rows.ts'
import { api } from './api.ts'
import { keys } from './keys.ts'

export type ResourceListFilter = Omit<NonNullable<RouteQuery<'resources.list'>>, 'continue' | 'limit' | 'sort'>

const pageSize = 100
/** A list that is not whole is asked for again, until every cluster was read. */
const incompleteMs = 3000
/** Rows come live; how many there are of each state, and what a break has lost, is asked for now and then. */
const againMs = 30_000

/** Objects of all clusters, filtered and sorted by the server, page by page; kept true by the topic of the same filter. */
export function useResourceList(kind: ResourceName, filter: ResourceListFilter, sort: Sort) {
  const topic = resourceTopic(kind, filter)
  const list = useInfiniteQuery({
    queryKey: keys.resources(topic, sort),
    queryFn: async ({ pageParam, signal }) => {
      const asked = performance.now()
      const query = { ...filter, sort, limit: pageSize, ...(pageParam === '' ? {} : { continue: pageParam }) }
      const page = await api.resources.list({ params: { kind }, query, signal })
      // what the stream said meanwhile is newer than the answer
      const [first] = pageParam === '' ? placeRows([page], rowsSince(topic, asked), sort) : []
      return first ?? page
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.continue,
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchInterval: ({ state }) => {
      const failures = state.data?.pages[0]?.failures ?? []
      return failures.some(({ since }) => since === undefined) ? incompleteMs : againMs
    },
  })
  return { list, topic }
}

/** Rows that the stream brought, into every list of their topic. */
export function placeInLists(client: QueryClient, topic: string, items: readonly RowItem[]): void {
  rememberRows(topic, items)
  const lists = client.getQueriesData<InfiniteData<ResourcePage>>({ queryKey: keys.resourceLists(topic) })
  for (const [queryKey, list] of lists) {
    if (list === undefined) continue
    // the second part of the name is the order, see `keys.resources`
    client.setQueryData(queryKey, { ...list, pages: placeRows(list.pages, items, queryKey[2] as Sort) })
  }
}

export interface ObjectPlace {
  readonly kind: ResourceName
  readonly cluster: string
  readonly namespace: string
  readonly name: string
}

export const useManifest = ({ kind, cluster, namespace, name }: ObjectPlace) =>
  useQuery({
    queryKey: keys.manifest(kind, cluster, namespace, name),
    queryFn: ({ signal }) => api.resources.manifest({ params: { kind, cluster, name }, query: { namespace }, signal }),
    staleTime: 0,
  })

/** What happened to one object, newest first. */
export const useEventsOf = (owner: string, { cluster, namespace }: ObjectPlace) =>
  useQuery({
    queryKey: keys.eventsOf(owner, cluster, namespace),
    queryFn: ({ signal }) => {
      // events of what is cluster-scoped are in the namespace `default`
      const query = { owner, cluster, namespace: namespace === '' ? 'default' : namespace, limit: 50 }
      return api.resources.list({ params: { kind: 'events' }, query, signal })
    },
    staleTime: 0,
    refetchInterval: 10_000,
  })
