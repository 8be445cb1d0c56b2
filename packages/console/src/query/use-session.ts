import { useQuery } from '@tanstack/react-query'
import { api } from './api.ts'
import { keys } from './keys.ts'

/** Who is signed in. An error `auth.required` means nobody. */
export const useSession = () =>
  useQuery({
    queryKey: keys.session,
    queryFn: ({ signal }) => api.session.get({ signal }),
    staleTime: 60_000,
    refetchOnWindowFocus: true,
  })
