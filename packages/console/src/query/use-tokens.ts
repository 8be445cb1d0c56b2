import { useQuery } from '@tanstack/react-query'
import { api } from './api.ts'
import { keys } from './keys.ts'

/** Those of a service account. */
export const useTokensOf = (user: string) =>
  useQuery({
    queryKey: keys.tokensOf(user),
    queryFn: async ({ signal }) => (await api.tokens.list({ query: { user }, signal })).items,
    staleTime: 5000,
  })

/** API tokens of the person who is signed in. */
export const useTokens = () =>
  useQuery({
    queryKey: keys.tokens,
    queryFn: async ({ signal }) => (await api.tokens.list({ signal })).items,
    staleTime: 5000,
    refetchOnWindowFocus: true,
  })
