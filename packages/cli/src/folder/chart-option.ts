import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { type ApiClient, maxUploadBytes, type RouteBody } from '@flotilla/api'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { uploadFolder } from './upload-folders.ts'

export interface ChartOptions {
  readonly chart?: string
  readonly chartRepo?: string
  readonly chartVersion?: string
}

type Chart = NonNullable<RouteBody<'applications.adopt'>['chart']>

/** A chart as `helm` takes it: oci://..., a name in a repository, or a folder or .tgz here, which is uploaded. */
export async function chartSource(
  io: Io,
  api: ApiClient,
  project: string,
  { chart, chartRepo, chartVersion }: ChartOptions,
): Promise<Chart | undefined> {
  if (chart === undefined) {
    if (chartRepo === undefined && chartVersion === undefined) return undefined
    throw new UsageError('name the chart: --chart')
  }
  const needed = (): string => {
    if (chartVersion !== undefined) return chartVersion
    throw new UsageError(`which version of ${chart}? --chart-version, as helm list names it`)
  }
  if (chart.startsWith('oci://')) return { oci: { url: chart, version: needed() } }
  if (chartRepo !== undefined) return { repository: { url: chartRepo, name: chart, version: needed() } }
  const path = resolve(io.cwd, chart)
  const found = await stat(path).catch(() => undefined)
  if (found === undefined)
    throw new UsageError(
      `${chart} is no folder or file here; write oci://..., or name the repository with --chart-repo`,
    )
  const name = basename(path)
  if (found.isDirectory()) return { upload: { digest: await uploadFolder(io, api, path, 'chart', project), name } }
  if (found.size > maxUploadBytes) throw new UsageError(`${chart} has ${found.size} bytes; ${maxUploadBytes} are taken`)
  const bytes = await readFile(path)
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  await api.uploads.put({ params: { project, digest }, body: bytes, signal: io.signal })
  return { upload: { digest, name } }
}
