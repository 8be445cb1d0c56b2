import type { ProjectDetail, WorkspaceRow } from '@flotilla/api'
import { quotaRows, shareRows, showQuantity } from '@flotilla/model/quota-figures'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'

export interface QuotaOptions {
  readonly context?: string
  readonly output: OutputForm
  readonly project?: string
  readonly workspace?: string
}

/** What may be used, what of it is given and used, and what is left: the figures of the console. */
export async function showQuota(io: Io, options: QuotaOptions): Promise<void> {
  const { project, workspace } = options
  if ((project === undefined) === (workspace === undefined))
    throw new UsageError('say whose: -n PROJECT or -w WORKSPACE')
  const { api } = await connect(io, options.context)
  const { signal } = io
  if (project === undefined) {
    const row = await api.workspaces.get({ params: { workspace: workspace ?? '' }, signal })
    if (options.output !== 'table') return await printResult(io, options.output, row.quota ?? {})
    io.out(workspaceTable(io, row))
    return
  }
  const detail = await api.projects.get({ params: { project }, signal })
  if (options.output !== 'table') return await printResult(io, options.output, detail.quota ?? {})
  // who sees the project need not see its workspace
  const above = await api.workspaces.get({ params: { workspace: detail.workspace }, signal }).catch(() => undefined)
  io.out(projectTables(io, detail, above))
}

function workspaceTable(io: Io, { name, quota }: WorkspaceRow): string {
  const rows = shareRows(quota)
  if (rows.length === 0) return `Nothing bounds what the projects of ${name} use together\n`
  const cells = rows.map(({ resource, hard, allocated, used, left }) => [resource, hard, allocated, used, left])
  return table(io, ['RESOURCE', 'QUOTA', 'GIVEN TO PROJECTS', 'USED', 'LEFT'], cells)
}

function projectTables(io: Io, { name, quota }: ProjectDetail, above: WorkspaceRow | undefined): string {
  const rows = quotaRows(quota)
  if (rows.length === 0) return `Project ${name} has no quota: it uses what its clusters give\n`
  const left = new Map(shareRows(above?.quota).map((row) => [row.resource, row.left]))
  const all = rows.map(({ resource, asked, granted, used, atLeast }) => [
    resource,
    asked,
    granted,
    used === undefined ? undefined : `${atLeast ? 'at least ' : ''}${used}`,
    left.get(resource),
  ])
  const each = (quota?.targets ?? []).flatMap(({ cluster, namespace, allocated, used }) =>
    rows.map(({ resource }) => [
      `${cluster}/${namespace}`,
      resource,
      showQuantity(resource, allocated[resource]),
      showQuantity(resource, used?.[resource]),
    ]),
  )
  const whole = table(io, ['RESOURCE', 'ASKED', 'GRANTED', 'USED', 'LEFT IN THE WORKSPACE'], all)
  return each.length === 0 ? whole : `${whole}\n${table(io, ['TARGET', 'RESOURCE', 'ALLOWED', 'USED'], each)}`
}
