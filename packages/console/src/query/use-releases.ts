import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { ReleaseDetail, RouteQuery } from '@flotilla/api'
import { api } from './api.ts'
import { keys, type ReleaseListQuery } from './keys.ts'
import { queryClient } from './query-client.ts'

const pageSize = 200

/** Releases, filtered and sorted by the server, page by page. */
export const useReleaseList = (query: ReleaseListQuery) =>
  useInfiniteQuery({
    queryKey: keys.releases(query),
    queryFn: ({ pageParam, signal }) =>
      api.releases.list({
        query: { ...query, limit: pageSize, ...(pageParam === '' ? {} : { continue: pageParam }) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.continue,
    placeholderData: keepPreviousData,
  })

/** How many releases there are for me at all. */
export const useReleaseCount = () =>
  useQuery({
    queryKey: keys.releaseCount,
    queryFn: async ({ signal }) => (await api.releases.list({ query: { limit: 1 }, signal })).total,
  })

export const useRelease = (project: string, release: string) =>
  useQuery({
    queryKey: keys.release(project, release),
    queryFn: ({ signal }) => api.releases.get({ params: { project, release }, signal }),
  })

export type DifferencePart = NonNullable<RouteQuery<'releases.difference'>>

/** What a release changes. That of a frozen one never changes; a draft's is asked for anew with what is chosen. */
export const useReleaseDifference = (detail: ReleaseDetail, part: DifferencePart) =>
  useQuery({
    queryKey: keys.ofRelease(detail.project, detail.name, 'difference', [
      detail.digest ?? detail.choices,
      detail.phase === 'Draft',
      part,
    ]),
    queryFn: ({ signal }) =>
      api.releases.difference({ params: { project: detail.project, release: detail.name }, query: part, signal }),
    staleTime: detail.digest === undefined ? 60_000 : Infinity,
    placeholderData: keepPreviousData,
  })

/** Everything that something a person did to a release may have changed is read again. */
export function refreshRelease(project: string, release: string): void {
  for (const queryKey of [
    keys.release(project, release),
    keys.releaseLists,
    keys.releaseCount,
    ['rollout', project],
    ['of-application', project],
    // a rollback sets its hold
    ['application', project],
  ])
    void queryClient.invalidateQueries({ queryKey })
}
