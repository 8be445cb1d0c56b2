import type { ClusterRow } from '@flotilla/api'

export type ClusterSort = 'name' | 'state' | 'version' | 'nodes' | 'since'

const stateOrder: Record<ClusterRow['connection']['state'], number> = { lost: 0, connecting: 1, connected: 2 }

const compare: Record<ClusterSort, (a: ClusterRow, b: ClusterRow) => number> = {
  name: (a, b) => (a.name < b.name ? -1 : 1),
  state: (a, b) => stateOrder[a.connection.state] - stateOrder[b.connection.state],
  version: (a, b) => (a.version ?? '').localeCompare(b.version ?? '', 'en', { numeric: true }),
  nodes: (a, b) => (a.nodes?.total ?? 0) - (b.nodes?.total ?? 0),
  since: (a, b) => (a.connection.since < b.connection.since ? -1 : 1),
}

const isSort = (key: string): key is ClusterSort => Object.hasOwn(compare, key)

/** The clusters that match a text, a label or the cluster filter, in the order asked for; equal ones by name. */
export function filterClusters(
  rows: readonly ClusterRow[],
  wanted: { q: string; names: readonly string[] | undefined; sort: string },
): ClusterRow[] {
  const q = wanted.q.trim().toLowerCase()
  const key = wanted.sort.replace(/^-/, '')
  const by = isSort(key) ? compare[key] : compare.name
  const direction = wanted.sort.startsWith('-') ? -1 : 1
  return rows
    .filter((row) => {
      if (wanted.names !== undefined && !wanted.names.includes(row.name)) return false
      if (q === '') return true
      const labels = Object.entries(row.labels).map(([name, value]) => `${name}=${value}`)
      return [row.name, row.displayName ?? '', row.version ?? '', ...labels].some((word) =>
        word.toLowerCase().includes(q),
      )
    })
    .sort((a, b) => direction * by(a, b) || compare.name(a, b))
}
