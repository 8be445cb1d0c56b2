import type { ResourceColumn } from '@flotilla/api'
import { FlotillaError } from '@flotilla/model'
import { z } from 'zod'
import type { SlimRow } from './slim-row.ts'

/** A row with where it is. */
export interface PlacedRow {
  readonly cluster: string
  readonly row: SlimRow
}

export type Value = string | number
export type SortWord = ResourceColumn | `-${ResourceColumn}`
export type RowOrder = (a: PlacedRow, b: PlacedRow) => number

/** What is not there comes before everything else. */
const valueOf: { readonly [C in ResourceColumn]: (row: SlimRow, cluster: string) => Value } = {
  name: (row) => row.name,
  cluster: (_row, cluster) => cluster,
  namespace: (row) => row.namespace,
  state: (row) => row.state,
  health: (row) => row.health ?? '',
  owner: (row) => row.owner ?? '',
  node: (row) => row.node ?? '',
  image: (row) => row.images[0] ?? '',
  ready: (row) => row.ready ?? -1,
  count: (row) => row.count ?? -1,
  created: (row) => row.createdAt,
  last: (row) => row.lastAt ?? -1,
  address: (row) => row.address ?? '',
  detail: (row) => row.detail ?? '',
  message: (row) => row.message ?? '',
}

/** Where a page ended: the value that it is sorted by, then what tells rows of one value apart. */
const Mark = z.tuple([z.union([z.string(), z.number()]), z.string(), z.string(), z.string()])
export type Mark = z.infer<typeof Mark>

export interface Ordering {
  readonly compare: RowOrder
  /** Whether a row is behind another by the value alone that they are sorted by: most are, and need no other look. */
  readonly isBehind: (row: SlimRow, cluster: string, value: Value) => boolean
  readonly value: (row: SlimRow, cluster: string) => Value
  readonly isAfter: (row: SlimRow, cluster: string, mark: Mark) => boolean
  readonly markOf: (placed: PlacedRow) => Mark
}

export function orderingOf(sort: SortWord): Ordering {
  const turned = sort.startsWith('-')
  // the word without its sign is a column by its type
  const column = (turned ? sort.slice(1) : sort) as ResourceColumn
  const value = valueOf[column]
  const sign = turned ? -1 : 1
  const compare: RowOrder = (a, b) => {
    const x = value(a.row, a.cluster)
    const y = value(b.row, b.cluster)
    if (x < y) return -sign
    if (x > y) return sign
    return text(a.row.name, b.row.name) || text(a.cluster, b.cluster) || text(a.row.namespace, b.row.namespace)
  }
  return {
    compare,
    value,
    isBehind: turned
      ? (row, cluster, other) => value(row, cluster) < other
      : (row, cluster, other) => value(row, cluster) > other,
    isAfter: (row, ofRow, [at, name, cluster, namespace]) => {
      const x = value(row, ofRow)
      if (x !== at) return x < at ? turned : !turned
      return (text(row.name, name) || text(ofRow, cluster) || text(row.namespace, namespace)) > 0
    },
    markOf: ({ row, cluster }) => [value(row, cluster), row.name, cluster, row.namespace],
  }
}

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const writeMark = (mark: Mark): string => Buffer.from(JSON.stringify(mark)).toString('base64url')

export function readMark(token: string): Mark {
  try {
    return Mark.parse(JSON.parse(Buffer.from(token, 'base64url').toString()))
  } catch {
    throw new FlotillaError('input.invalid', {
      message: 'continue is not what a list gave out',
      field: 'continue',
      remedy: 'Ask for the first page again',
    })
  }
}
