import { useQuery } from '@tanstack/react-query'
import { api } from './api.ts'
import { keys } from './keys.ts'

/** API tokens of the person who is signed in. */
export const useTokens = () =>
  useQuery({
    queryKey: keys.tokens,
    queryFn: async ({ signal }) => (await api.tokens.list({ signal })).items,
    staleTime: 5000,
    refetchOnWindowFocus: true,
  })
