import type { Failure, ResourceFilter, ResourceName } from '@flotilla/api'
import { workspaceNamespace } from '@flotilla/model'
import type { Person } from '../../access/people.ts'
import type { Places } from '../../access/rbac/rbac-view.ts'
import type { AskedRows } from '../../fleet/index/resource-index.ts'
import type { Services } from '../handler.ts'
import { computeReach, namespacesIn } from '../kubernetes/reach.ts'
import { lostReason } from '../runtime/fan-out.ts'
import { findProject } from '../views/fleet-index.ts'

/** Rows of one cluster in which the person is somebody. */
export interface ReachedRows {
  readonly asked: AskedRows
  /** Where they may see rows, as the cluster's roles say now; undefined while those were not read. */
  allowed(): Places | undefined
  /** Those of `allowed` that are asked for. */
  wanted(): Places | undefined
}

type Parts = Pick<Services, 'deps' | 'resources'>

/** The clusters that somebody reaches, of those asked for. Of others nothing is learnt, not even that they are there. */
export function reachRows(
  { deps, resources }: Parts,
  person: Person,
  kind: ResourceName,
  filter: ResourceFilter,
  verb: 'list' | 'watch',
): ReachedRows[] {
  const names = deps.state.clusters
    .list()
    .map(({ metadata }) => metadata.name)
    .filter((name) => filter.cluster === undefined || filter.cluster.includes(name))
    .filter((name) => computeReach(person, name, deps.state) !== undefined)
    .sort()
  return resources.ask(kind, names).map((asked) => {
    const allowed = (): Places | undefined => {
      const reach = computeReach(person, asked.cluster, deps.state)
      return reach === undefined ? new Set() : asked.places(reach.identity, verb)
    }
    return { asked, allowed, wanted: () => narrowed(allowed(), namespacesOf(deps.state, asked.cluster, filter)) }
  })
}

/** Namespaces that the filter leaves; undefined where it names none. */
function namespacesOf(
  state: Services['deps']['state'],
  cluster: string,
  filter: ResourceFilter,
): ReadonlySet<string> | undefined {
  const { namespace, project, workspace } = filter
  if (namespace === undefined && project === undefined && workspace === undefined) return undefined
  let left = namespace === undefined ? undefined : new Set(namespace)
  const keep = (given: Iterable<string>): void => {
    const those = new Set(given)
    left = left === undefined ? those : new Set([...left].filter((one) => those.has(one)))
  }
  if (project !== undefined) {
    const found = findProject(state, project)
    keep(found === undefined ? [] : namespacesIn([found], cluster))
  }
  if (workspace !== undefined) keep(namespacesIn(state.projects.list(workspaceNamespace(workspace)), cluster))
  return left
}

function narrowed(allowed: Places | undefined, wanted: ReadonlySet<string> | undefined): Places | undefined {
  if (wanted === undefined || allowed === undefined) return allowed
  return allowed === 'everywhere' ? wanted : new Set([...wanted].filter((one) => allowed.has(one)))
}

/** Why the rows of a cluster are old or missing, for somebody who may see some of them. */
export function failureOf({ deps }: Parts, { asked, allowed }: ReachedRows): Failure | undefined {
  const { cluster, state } = asked
  const places = allowed()
  if (places !== undefined && places !== 'everywhere' && places.size === 0) return undefined
  if (state.state === 'stale') return { cluster, reason: state.reason, since: new Date(state.since).toISOString() }
  const lost = lostReason(deps, cluster)
  if (lost !== undefined) return lost
  if (state.state === 'refused') return { cluster, reason: state.reason }
  if (state.state === 'reading') return { cluster, reason: state.reason ?? 'It is being read for the first time' }
  return places === undefined ? { cluster, reason: 'Its roles are being read for the first time' } : undefined
}
