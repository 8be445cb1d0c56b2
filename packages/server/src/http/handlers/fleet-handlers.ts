import type { ClusterRow, RouteQuery } from '@flotilla/api'
import {
  annotations,
  Cluster,
  FlotillaError,
  group,
  parseInput,
  personManager,
  workspaceNamespace,
} from '@flotilla/model'
import type { z } from 'zod'
import type { Contract } from '@flotilla/api/contract'
import { readKubeconfig } from '../../read-kubeconfig.ts'
import type { Services, SomeHandlers } from '../handler.ts'
import { compareText, pageOf } from '../page-of.ts'
import { clusterRow } from '../views/cluster-view.ts'
import { findProject } from '../views/fleet-index.ts'
import { projectDetail } from '../views/tenant-view.ts'
import type { DocumentReader } from '../yaml/document-reader.ts'

export function fleetHandlers(
  services: Services,
  documents: DocumentReader,
): SomeHandlers<'clusters'> & SomeHandlers<'workspaces'> & SomeHandlers<'projects'> {
  const { deps, index, visibility } = services
  const rowOf = (cluster: Cluster): ClusterRow =>
    index.clusterRow(cluster.metadata.name) ??
    // the watch has not told of it yet
    clusterRow({ cluster, entry: deps.fleet.get(cluster.metadata.name), deliveries: [] })
  return {
    'clusters.list': async ({ query, caller, exchange }) => {
      const rows = index.clusterRows().filter((row) => matchesCluster(row, query))
      const places = rows.map((row) => ({ namespace: '', name: row.name, row }))
      const seen = await visibility.objects(caller.identity, 'clusters', places, exchange.signal)
      return pageOf(
        [...seen].map(({ row }) => row),
        { key: (row) => row.name, compare: clusterOrder(query.sort), limit: query.limit, continue: query.continue },
      )
    },
    'clusters.get': async ({ params, caller }) => {
      const detail = index.clusterDetail(params.cluster)
      // one that may not be seen looks like one that is not there
      if (detail === undefined || !(await visibility.may(caller.identity, 'get', 'clusters', '', params.cluster)))
        throw noCluster(params.cluster)
      const connected = deps.agents.isConnected(params.cluster)
      return connected === undefined ? detail : { ...detail, agent: { connected } }
    },
    'clusters.add': async ({ body, caller, exchange }) => {
      const kubeconfig = await readKubeconfig(body.kubeconfig, 'kubeconfig', documents.read)
      const cluster = await deps.clusters.add({ ...body, kubeconfig }, caller.identity, exchange.signal)
      return rowOf(cluster)
    },
    'clusters.change': async ({ params, body, caller, exchange }) => {
      const key = { group, kind: 'Cluster', name: params.cluster }
      const { labels, displayName, edge, checkNetwork } = body
      const at = new Date(deps.clock.now()).toISOString()
      const annotated = checkNetwork === true ? { annotations: { [annotations.networkCheck]: at } } : {}
      const spec = { ...(displayName === undefined ? {} : { displayName }), ...(edge === undefined ? {} : { edge }) }
      const changed = await caller.host.patch(
        key,
        { type: 'merge', body: { metadata: { ...(labels === undefined ? {} : { labels }), ...annotated }, spec } },
        { fieldManager: personManager, fieldValidation: 'Strict', signal: exchange.signal },
      )
      return clusterRow({
        cluster: parseInput(Cluster, changed, 'kube.invalid'),
        entry: deps.fleet.get(params.cluster),
        deliveries: deps.state.deliveries.list().filter(({ spec }) => spec.target.cluster === params.cluster),
      })
    },
    'clusters.remove': async ({ params, query, caller, exchange }) => {
      const deliveries = index.clusterRow(params.cluster)?.deliveries.total
      if (deliveries === undefined) throw noCluster(params.cluster)
      await deps.clusters.remove(params.cluster, query.objects, caller.identity, exchange.signal)
      return { removing: true, deliveries }
    },
    'workspaces.list': async ({ caller, exchange }) => {
      const rows = await seenWorkspaces(caller.identity, exchange.signal)
      return { items: rows, total: rows.length }
    },
    'workspaces.get': async ({ params, caller, exchange }) => {
      const row = (await seenWorkspaces(caller.identity, exchange.signal)).find((one) => one.name === params.workspace)
      if (row === undefined) throw notFound('workspace', params.workspace)
      return row
    },
    'projects.list': async ({ query, caller, exchange }) => {
      const rows = index
        .projectRows()
        .filter((row) => query.workspace === undefined || query.workspace.includes(row.workspace))
      const places = rows.map((row) => ({ namespace: workspaceNamespace(row.workspace), name: row.name, row }))
      const seen = await visibility.objects(caller.identity, 'projects', places, exchange.signal)
      const items = [...seen]
        .map(({ row }) => row)
        .sort((a, b) => compareText(`${a.workspace}/${a.name}`, `${b.workspace}/${b.name}`))
      return { items, total: items.length }
    },
    'projects.get': async ({ params, caller }) => {
      const project = findProject(deps.state, params.project)
      const namespace = project?.metadata.namespace ?? ''
      // one that may not be seen looks like one that is not there
      if (
        project === undefined ||
        !(await visibility.may(caller.identity, 'get', 'projects', namespace, params.project))
      )
        throw notFound('project', params.project)
      return projectDetail(project, index.projectRow(params.project)?.applications ?? 0)
    },
  }

  /** A workspace is seen by whoever may list workspaces, and by whoever may list the projects in it. */
  async function seenWorkspaces(identity: Parameters<typeof visibility.among>[0], signal: AbortSignal) {
    const rows = [...index.workspaceRows()].sort((a, b) => compareText(a.name, b.name))
    if (await visibility.may(identity, 'list', 'workspaces', '')) return rows
    const seen = await visibility.among(
      identity,
      'projects',
      rows.map((row) => row.namespace),
      signal,
    )
    return rows.filter((row) => seen.has(row.namespace))
  }
}

type ClusterQuery = z.output<Contract['clusters.list']['query']>

function matchesCluster(row: ClusterRow, query: ClusterQuery): boolean {
  if (query.state !== undefined && row.connection.state !== query.state) return false
  if (query.edge !== undefined && row.edge !== query.edge) return false
  const q = query.q?.trim().toLowerCase()
  if (q === undefined || q === '') return true
  const labels = Object.entries(row.labels).map(([key, value]) => `${key}=${value}`)
  return [row.name, row.displayName ?? '', row.version ?? '', ...labels].some((text) => text.toLowerCase().includes(q))
}

const stateOrder = { lost: 0, connecting: 1, connected: 2 } as const

function clusterOrder(
  sort: NonNullable<RouteQuery<'clusters.list'>['sort']>,
): (a: ClusterRow, b: ClusterRow) => number {
  const turn = sort.startsWith('-') ? -1 : 1
  switch (sort) {
    case 'name':
    case '-name':
      return (a, b) => turn * compareText(a.name, b.name)
    case 'state':
    case '-state':
      return (a, b) => turn * (stateOrder[a.connection.state] - stateOrder[b.connection.state])
    case 'version':
    case '-version':
      return (a, b) => turn * compareText(a.version ?? '', b.version ?? '')
    default:
      return sort satisfies never
  }
}

const noCluster = (name: string): FlotillaError =>
  new FlotillaError('cluster.not_found', {
    message: `There is no cluster ${name}, or you may not see it`,
    field: 'cluster',
    value: name,
  })

export function notFound(what: string, name: string): FlotillaError {
  return new FlotillaError('request.not_found', {
    message: `There is no ${what} ${name}, or you may not see it`,
    field: what,
    value: name,
  })
}
