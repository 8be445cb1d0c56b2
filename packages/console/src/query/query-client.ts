import { QueryCache, QueryClient } from '@tanstack/react-query'
import { FlotillaError } from '@flotilla/model/errors'
import { keys } from './keys.ts'

const triesOfRetriable = 2

/** Server data lives here and nowhere else. Lists are kept fresh by the live stream, so they age slowly. */
export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError(error, query) {
      // the session ended under an open page: ask who we are, and the shell leads to signing in
      const ended = error instanceof FlotillaError && error.code === 'auth.required'
      if (ended && query.queryKey[0] !== keys.session[0]) void queryClient.invalidateQueries({ queryKey: keys.session })
    },
  }),
  defaultOptions: {
    queries: {
      // what the browser calls offline is a machine without the internet, where a platform of one's own answers all the same
      networkMode: 'always',
      // which that would turn off
      refetchOnReconnect: true,
      staleTime: 5 * 60_000,
      gcTime: 10 * 60_000,
      retry: (failures, error) =>
        error instanceof FlotillaError && error.next === 'retry' && failures < triesOfRetriable,
    },
    mutations: { networkMode: 'always', retry: false },
  },
})
