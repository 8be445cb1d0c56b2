import { useClusters } from '../query/use-fleet.ts'
import { clusterParam, resolveClusterFilter, withClusters } from './cluster-filter.ts'
import { setAll, useSearch } from './use-search.ts'

/** The cluster filter of the URL, and what it means now. */
export function useClusterFilter() {
  const [search, change] = useSearch()
  const { data: fleet = [] } = useClusters()
  const words = search.getAll(clusterParam)
  return {
    words,
    /** Names of clusters; undefined when every cluster is meant. */
    names: resolveClusterFilter(words, fleet),
    set: (next: readonly string[]) => change((after) => setAll(after, clusterParam, next)),
    carry: (path: string) => withClusters(path, words),
  }
}
