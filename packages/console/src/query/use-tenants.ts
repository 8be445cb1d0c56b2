import { useQuery } from '@tanstack/react-query'
import { placeQuery, type RolePlace } from '../members/role-place.ts'
import { api } from './api.ts'
import { keys } from './keys.ts'
import { queryClient } from './query-client.ts'

/** The workspaces that I may see; the live stream keeps them true. */
export const useWorkspaces = () =>
  useQuery({
    queryKey: keys.workspaces,
    queryFn: async ({ signal }) => (await api.workspaces.list({ signal })).items,
  })

export const useWorkspace = (workspace: string) =>
  useQuery({
    queryKey: keys.workspace(workspace),
    queryFn: ({ signal }) => api.workspaces.get({ params: { workspace }, signal }),
  })

export const useProject = (project: string) =>
  useQuery({
    queryKey: keys.project(project),
    queryFn: ({ signal }) => api.projects.get({ params: { project }, signal }),
  })

/** Nobody tells of memberships of projects as they change: they are read again when somebody looks again. */
export const useMembers = (place: RolePlace) =>
  useQuery({
    queryKey: keys.members(placeQuery(place)),
    queryFn: async ({ signal }) => (await api.members.list({ query: placeQuery(place), signal })).items,
    staleTime: 5000,
    refetchOnWindowFocus: true,
  })

/** Built-in and custom roles of a place, with who has them. */
export const useRoles = (place: RolePlace) =>
  useQuery({
    queryKey: keys.roles(placeQuery(place)),
    queryFn: ({ signal }) => api.roles.list({ query: placeQuery(place), signal }),
    staleTime: 5000,
    // a role that was just made is in force a moment later
    refetchInterval: ({ state }) => (state.data?.items.some((one) => one.state !== 'Ready') === true ? 3000 : false),
  })

/** After a role was given or taken: who has what, and who may what, may be another everywhere. */
export async function refreshRoles(): Promise<void> {
  const changed = [keys.allMembers, keys.allRoles, keys.allPeople, keys.allPersons, keys.allReviews, keys.workspaces]
  await Promise.all(changed.map((queryKey) => queryClient.invalidateQueries({ queryKey })))
}
