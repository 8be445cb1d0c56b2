import { useQuery } from '@tanstack/react-query'
import type { ClusterRow } from '@flotilla/api'
import { api } from './api.ts'
import { keys } from './keys.ts'

/** Pages that are read at most: 20,000 clusters. */
const mostPages = 20

async function listClusters(signal: AbortSignal): Promise<ClusterRow[]> {
  const rows: ClusterRow[] = []
  let next: string | undefined
  for (let page = 0; page < mostPages; page++) {
    const answer = await api.clusters.list({
      query: { limit: 1000, ...(next === undefined ? {} : { continue: next }) },
      signal,
    })
    rows.push(...answer.items)
    next = answer.continue
    if (next === undefined) break
  }
  return rows
}

/** Every cluster of the fleet: few enough to be held whole; the live stream keeps them true. */
export const useClusters = () => useQuery({ queryKey: keys.clusters, queryFn: ({ signal }) => listClusters(signal) })

export const useCluster = (name: string) =>
  useQuery({
    queryKey: keys.cluster(name),
    queryFn: ({ signal }) => api.clusters.get({ params: { cluster: name }, signal }),
  })

export const useProjects = () =>
  useQuery({
    queryKey: keys.projects,
    queryFn: async ({ signal }) => (await api.projects.list({ signal })).items,
  })
