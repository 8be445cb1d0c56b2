/** Words of the cluster filter in the URL: a cluster's name, or a label as `region=west`. */
export const clusterParam = 'cluster'

interface NamedCluster {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** The clusters that a filter means. Undefined: no filter, every cluster. A name that is not in the fleet stays, so that a lost link shows what it asked for. */
export function resolveClusterFilter(words: readonly string[], fleet: readonly NamedCluster[]): string[] | undefined {
  if (words.length === 0) return undefined
  const names = new Set<string>()
  for (const word of words) {
    const [key = '', value] = word.split('=', 2)
    if (value === undefined) names.add(word)
    else for (const cluster of fleet) if (cluster.labels[key] === value) names.add(cluster.name)
  }
  return [...names].sort()
}

/** Labels that more than no cluster and fewer than all clusters carry: the ones worth offering as a filter. */
export function listFilterLabels(fleet: readonly NamedCluster[]): string[] {
  const counts = new Map<string, number>()
  for (const { labels } of fleet) {
    for (const [key, value] of Object.entries(labels)) {
      // labels that tools write for themselves are long and say nothing to a person
      if (key.includes('kubernetes.io/')) continue
      const word = `${key}=${value}`
      counts.set(word, (counts.get(word) ?? 0) + 1)
    }
  }
  return [...counts]
    .filter(([, count]) => count < fleet.length)
    .map(([word]) => word)
    .sort()
}

/** An address with the cluster filter carried along. */
export function withClusters(path: string, words: readonly string[]): string {
  if (words.length === 0) return path
  const query = new URLSearchParams(words.map((word) => [clusterParam, word]))
  return `${path}${path.includes('?') ? '&' : '?'}${query.toString()}`
}
