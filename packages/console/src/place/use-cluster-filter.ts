import { useSearchParams } from 'react-router'
import { useClusters } from '../query/use-fleet.ts'
import { clusterParam, resolveClusterFilter, withClusters } from './cluster-filter.ts'

/** The cluster filter of the URL, and what it means now. */
export function useClusterFilter() {
  const [search, setSearch] = useSearchParams()
  const { data: fleet = [] } = useClusters()
  const words = search.getAll(clusterParam)
  return {
    words,
    /** Names of clusters; undefined when every cluster is meant. */
    names: resolveClusterFilter(words, fleet),
    set: (next: readonly string[]) => {
      setSearch((before) => {
        const after = new URLSearchParams(before)
        after.delete(clusterParam)
        for (const word of next) after.append(clusterParam, word)
        return after
      })
    },
    carry: (path: string) => withClusters(path, words),
  }
}
