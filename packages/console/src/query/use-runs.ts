import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { RouteQuery } from '@flotilla/api'
import { api } from './api.ts'
import { keys } from './keys.ts'

const pageSize = 200

export type RunQuery = Omit<NonNullable<RouteQuery<'history.list'>>, 'continue' | 'limit'>

/** What ran where and when, newest first, page by page. */
export const useRuns = (query: RunQuery) =>
  useInfiniteQuery({
    queryKey: keys.runs(query),
    queryFn: ({ pageParam, signal }) =>
      api.history.list({
        query: { ...query, limit: pageSize, ...(pageParam === '' ? {} : { continue: pageParam }) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.continue,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  })

/** Where an image runs now; an empty one asks nothing. */
export const useWhereRuns = (image: string) =>
  useQuery({
    queryKey: keys.whereRuns(image),
    queryFn: ({ signal }) => api.history.where({ query: { image }, signal }),
    enabled: image !== '',
    staleTime: 10_000,
    placeholderData: keepPreviousData,
  })
