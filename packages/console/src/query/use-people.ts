import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { RouteBody } from '@flotilla/api'
import { placeQuery, type RolePlace } from '../members/role-place.ts'
import { api } from './api.ts'
import { keys } from './keys.ts'
import { queryClient } from './query-client.ts'

const mostPeople = 500
export const fewestLetters = 2

/** People whose name, display name or address holds the text. */
export const usePeople = (q: string) =>
  useQuery({
    queryKey: keys.people(q),
    queryFn: ({ signal }) => api.people.list({ query: { limit: mostPeople, ...(q === '' ? {} : { q }) }, signal }),
    staleTime: 5000,
    refetchOnWindowFocus: true,
    placeholderData: keepPreviousData,
  })

export const usePerson = (user: string) =>
  useQuery({
    queryKey: keys.person(user),
    queryFn: ({ signal }) => api.people.get({ params: { user }, signal }),
    staleTime: 5000,
    refetchOnWindowFocus: true,
  })

/** A few names to choose from, for who gives roles in the place. */
export const useFoundPeople = (place: RolePlace, text: string) => {
  const q = text.trim()
  return useQuery({
    queryKey: keys.foundPeople(placeQuery(place), q),
    queryFn: async ({ signal }) => (await api.people.find({ query: { ...placeQuery(place), q }, signal })).items,
    enabled: q.length >= fewestLetters,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  })
}

export type Review = NonNullable<RouteBody<'access.review'>>

/** What somebody may do; nothing is asked while `review` is undefined. */
export const useReview = (review: Review | undefined) =>
  useQuery({
    queryKey: keys.review(review),
    queryFn: ({ signal }) => {
      if (review === undefined) throw new Error('nothing is asked')
      return api.access.review({ body: review, signal })
    },
    enabled: review !== undefined,
    staleTime: 5000,
    placeholderData: keepPreviousData,
  })

/** After a person was made or changed. */
export async function refreshPeople(): Promise<void> {
  const changed = [keys.allPeople, keys.allPersons, keys.allMembers, keys.allReviews]
  await Promise.all(changed.map((queryKey) => queryClient.invalidateQueries({ queryKey })))
}
