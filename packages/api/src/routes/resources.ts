import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { ResourceKind, ResourcePage, ResourceQuery } from '../shapes/resource.ts'
import { LogItem, LogQuery } from '../shapes/runtime.ts'
import { ClusterParams } from './params.ts'
import { signedIn } from './rights.ts'

const filtered = 'rows are filtered by what the person may list in each cluster, by its own roles and bindings'
const asPerson = 'it is read as the person; the roles and bindings of the cluster itself decide'
const Named = ClusterParams.extend({ name: z.string().min(1).max(253) })

export const resourceRoutes = [
  defineRoute('resources.list', {
    summary: 'Objects of one kind in all clusters that I may see: filtered, sorted and paged',
    params: z.object({ kind: ResourceKind }),
    query: ResourceQuery,
    body: undefined,
    result: ResourcePage,
    errors: ['input.invalid'],
    rights: signedIn(filtered),
  }),
  defineRoute('resources.manifest', {
    summary: 'One object of a cluster as it is, as YAML',
    params: Named.extend({ kind: ResourceKind }),
    query: z.object({ namespace: z.string().max(63).default('') }),
    body: undefined,
    result: z.object({ yaml: z.string() }),
    errors: ['request.not_found', 'kube.not_found', 'kube.forbidden', 'cluster.unreachable'],
    rights: signedIn(asPerson),
  }),
  defineRoute('resources.logs', {
    summary: 'Log lines of one pod; one JSON document per line',
    params: Named,
    query: LogQuery.omit({ cluster: true, component: true, pod: true }).extend({
      namespace: z.string().min(1).max(63),
    }),
    body: undefined,
    result: LogItem,
    errors: ['request.not_found', 'kube.not_found', 'kube.forbidden', 'cluster.unreachable'],
    rights: signedIn(asPerson),
  }),
]
