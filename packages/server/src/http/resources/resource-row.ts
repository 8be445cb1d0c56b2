import type { ResourceRow } from '@flotilla/api'
import type { SlimRow } from '../../fleet/index/slim-row.ts'

export function resourceRow(cluster: string, row: SlimRow): ResourceRow {
  const { createdAt, lastAt, images, ...rest } = row
  return {
    cluster,
    ...rest,
    images: [...images],
    createdAt: createdAt === 0 ? undefined : textOf(createdAt),
    lastAt: lastAt === undefined ? undefined : textOf(lastAt),
  }
}

const textOf = (seconds: number): string => new Date(seconds * 1000).toISOString()
