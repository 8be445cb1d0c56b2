import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api } from './api.ts'
import { type ApplicationListQuery, keys } from './keys.ts'

const pageSize = 200

/** Applications, filtered and sorted by the server, page by page. */
export const useApplicationList = (query: ApplicationListQuery) =>
  useInfiniteQuery({
    queryKey: keys.applications(query),
    queryFn: ({ pageParam, signal }) =>
      api.applications.list({
        query: { ...query, limit: pageSize, ...(pageParam === '' ? {} : { continue: pageParam }) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.continue,
    placeholderData: keepPreviousData,
  })

/** How many applications there are for me at all. */
export const useApplicationCount = () =>
  useQuery({
    queryKey: keys.applicationCount,
    queryFn: async ({ signal }) => (await api.applications.list({ query: { limit: 1 }, signal })).total,
  })

export const useApplication = (project: string, application: string) =>
  useQuery({
    queryKey: keys.application(project, application),
    queryFn: ({ signal }) => api.applications.get({ params: { project, application }, signal }),
  })
