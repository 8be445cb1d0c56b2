import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import type { Change, ClusterRow, ProjectRow, WorkspaceRow } from '@flotilla/api'
import { type ApplicationListQuery, keys } from '../query/keys.ts'
import { applyMove } from './apply-move.ts'
import { applyRelease, applyRollout, applyRolloutRow } from './apply-releases.ts'
import { applyRow, type ListPage } from './apply-row.ts'

/** Puts a named row in its place; `null` takes it away. Sorted by name, as the server does. */
function placeByName<Row extends { readonly name: string }>(rows: readonly Row[], key: string, row: Row | null): Row[] {
  const index = rows.findIndex((one) => one.name === key)
  if (row === null) return index < 0 ? [...rows] : rows.toSpliced(index, 1)
  if (index >= 0) return rows.with(index, row)
  return [...rows, row].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * Writes a batch of changes into the query cache. Returns true when a list has to be read again, because what
 * changed its order or its members cannot be told from the change alone.
 */
export function applyChanges(client: QueryClient, changes: readonly Change[]): boolean {
  let stale = false
  for (const change of changes) {
    switch (change.topic) {
      case 'clusters':
        client.setQueryData<ClusterRow[]>(keys.clusters, (rows) => rows && placeByName(rows, change.key, change.row))
        void client.invalidateQueries({ queryKey: keys.cluster(change.key) })
        break
      case 'projects':
        client.setQueryData<ProjectRow[]>(keys.projects, (rows) => rows && placeByName(rows, change.key, change.row))
        void client.invalidateQueries({ queryKey: keys.project(change.key) })
        break
      case 'applications':
        stale = applyApplication(client, change) || stale
        break
      case 'application': {
        const [project = '', name = ''] = change.key.split('/')
        if (change.row === null) void client.invalidateQueries({ queryKey: keys.application(project, name) })
        else client.setQueryData(keys.application(project, name), change.row)
        break
      }
      case 'workspaces':
        client.setQueryData<WorkspaceRow[]>(
          keys.workspaces,
          (rows) => rows && placeByName(rows, change.key, change.row),
        )
        void client.invalidateQueries({ queryKey: keys.workspace(change.key) })
        void client.invalidateQueries({ queryKey: keys.members({ workspace: change.key }) })
        break
      case 'releases':
        stale = applyRelease(client, change) || stale
        break
      case 'rollouts':
        applyRolloutRow(client, change)
        break
      case 'rollout':
        applyRollout(client, change)
        break
      case 'moves':
        applyMove(client, change)
        break
      default:
        change satisfies never
    }
  }
  return stale
}

function applyApplication(client: QueryClient, change: Extract<Change, { topic: 'applications' }>): boolean {
  let stale = change.row === null
  const lists = client.getQueriesData<InfiniteData<ListPage>>({ queryKey: keys.applicationLists })
  for (const [queryKey, list] of lists) {
    if (list === undefined) continue
    const query = (queryKey[1] ?? {}) as ApplicationListQuery
    const applied = applyRow(list.pages, query, change.key, change.row)
    stale ||= applied.stale
    client.setQueryData<InfiniteData<ListPage>>(queryKey, { ...list, pages: applied.pages })
  }
  return stale
}
