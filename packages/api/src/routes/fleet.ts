import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { AddCluster, ChangeCluster, ClusterDetail, ClusterQuery, ClusterRow } from '../shapes/cluster.ts'
import { ProjectDetail, ProjectRow, WorkspaceRow } from '../shapes/tenant.ts'
import { ObjectsPolicy, page, several } from '../shapes/wire.ts'
import { ClusterParams, ProjectParams, WorkspaceParams } from './params.ts'
import { filtered, needs } from './rights.ts'

export const fleetRoutes = [
  defineRoute('clusters.list', {
    summary: 'The clusters of the fleet, as they are now',
    params: undefined,
    query: ClusterQuery,
    body: undefined,
    result: page(ClusterRow),
    errors: [],
    rights: filtered('clusters', 'cluster'),
  }),
  defineRoute('clusters.get', {
    summary: 'One cluster',
    params: ClusterParams,
    query: undefined,
    body: undefined,
    result: ClusterDetail,
    errors: ['cluster.not_found'],
    rights: filtered('clusters', 'cluster'),
  }),
  defineRoute('clusters.add', {
    audited: 'before',
    summary: 'Add a cluster by its kubeconfig',
    params: undefined,
    query: undefined,
    body: AddCluster,
    result: ClusterRow,
    errors: [
      'kubeconfig.refused',
      'address.refused',
      'cluster.unreachable',
      'cluster.unauthorized',
      'request.conflict',
    ],
    rights: needs('create', 'clusters', 'cluster'),
    status: 201,
    maxBodyBytes: 400 * 1024,
  }),
  defineRoute('clusters.change', {
    summary: 'Change labels, display name or the edge mark of a cluster, or have its network measured now',
    params: ClusterParams,
    query: undefined,
    body: ChangeCluster,
    result: ClusterRow,
    errors: ['cluster.not_found', 'kube.conflict'],
    rights: needs('patch', 'clusters', 'cluster'),
  }),
  defineRoute('clusters.remove', {
    audited: 'before',
    summary: 'Take a cluster out of the fleet, keeping or deleting what was delivered to it',
    params: ClusterParams,
    query: z.object({ objects: ObjectsPolicy }),
    body: undefined,
    result: z.object({ removing: z.boolean(), deliveries: z.number().int() }),
    errors: ['cluster.not_found'],
    rights: needs('delete', 'clusters', 'cluster'),
    status: 202,
  }),
  defineRoute('workspaces.list', {
    summary: 'Workspaces that I may see',
    params: undefined,
    query: undefined,
    body: undefined,
    result: page(WorkspaceRow),
    errors: [],
    rights: filtered('workspaces', 'cluster'),
  }),
  defineRoute('workspaces.get', {
    summary: 'One workspace',
    params: WorkspaceParams,
    query: undefined,
    body: undefined,
    result: WorkspaceRow,
    errors: ['request.not_found'],
    rights: filtered('workspaces', 'cluster'),
  }),
  defineRoute('projects.list', {
    summary: 'Projects that I may see',
    params: undefined,
    query: z.object({ workspace: several().optional() }),
    body: undefined,
    result: page(ProjectRow),
    errors: [],
    rights: filtered('projects', 'named'),
  }),
  defineRoute('projects.get', {
    summary: 'One project, with its targets',
    params: ProjectParams,
    query: undefined,
    body: undefined,
    result: ProjectDetail,
    errors: ['request.not_found'],
    rights: filtered('projects', 'named'),
  }),
]
