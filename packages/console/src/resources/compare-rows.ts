import { type ResourceColumn, resourceColumns, type ResourceRow } from '@flotilla/api'

export type Sort = ResourceColumn | `-${ResourceColumn}`

export const isSort = (text: string): text is Sort =>
  resourceColumns.some((column) => text === column || text === `-${column}`)

/** As the server sorts: what is not there comes first, and rows that are alike by name, cluster and namespace. */
const valueOf: { readonly [C in ResourceColumn]: (row: ResourceRow) => string | number } = {
  name: (row) => row.name,
  cluster: (row) => row.cluster,
  namespace: (row) => row.namespace,
  state: (row) => row.state,
  health: (row) => row.health ?? '',
  owner: (row) => row.owner ?? '',
  node: (row) => row.node ?? '',
  image: (row) => row.images[0] ?? '',
  ready: (row) => row.ready ?? -1,
  count: (row) => row.count ?? -1,
  created: (row) => row.createdAt ?? '',
  last: (row) => row.lastAt ?? '',
  address: (row) => row.address ?? '',
  detail: (row) => row.detail ?? '',
  message: (row) => row.message ?? '',
}

export function compareRows(sort: Sort): (a: ResourceRow, b: ResourceRow) => number {
  const turned = sort.startsWith('-')
  const column = resourceColumns.find((one) => one === (turned ? sort.slice(1) : sort)) ?? 'name'
  const value = valueOf[column]
  const sign = turned ? -1 : 1
  return (a, b) =>
    sign * compare(value(a), value(b)) ||
    compare(a.name, b.name) ||
    compare(a.cluster, b.cluster) ||
    compare(a.namespace, b.namespace)
}

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0)
