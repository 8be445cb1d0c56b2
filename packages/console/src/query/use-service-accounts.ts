import { useQuery } from '@tanstack/react-query'
import { placeQuery, type RolePlace } from '../members/role-place.ts'
import { api } from './api.ts'
import { keys } from './keys.ts'
import { queryClient } from './query-client.ts'
import { refreshRoles } from './use-tenants.ts'

/** Service accounts of a place. */
export const useServiceAccounts = (place: RolePlace) =>
  useQuery({
    queryKey: keys.serviceAccounts(placeQuery(place)),
    queryFn: async ({ signal }) => (await api.serviceAccounts.list({ query: placeQuery(place), signal })).items,
    staleTime: 5000,
    refetchOnWindowFocus: true,
  })

/** After one was made or removed: it has roles, or has them no longer. */
export async function refreshAccounts(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: keys.allServiceAccounts })
  await refreshRoles()
}
