import type { ProjectDetail, WorkspaceRow } from '@flotilla/api'
import { choosesCluster } from '@flotilla/model/selectors'

/** A target as the specification of a project has it. */
export interface SpecTarget {
  readonly clusters?: WorkspaceRow['clusters']
  readonly namespace?: string
  readonly environment?: string
}
type Place = Pick<ProjectDetail['targets'][number], 'cluster' | 'namespace'>

/** Which of the namespaces come of which target: the first that names one has it, as the controller decides. */
export function ownTargets(
  spec: unknown,
  { name, targets }: Pick<ProjectDetail, 'name' | 'targets'>,
  clusters: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[],
): { readonly rule: SpecTarget; readonly targets: readonly Place[] }[] {
  const rules = (spec as { targets?: readonly SpecTarget[] } | undefined)?.targets ?? []
  let left: readonly Place[] = targets
  return rules.map((rule) => {
    const isOwn = ({ cluster, namespace }: Place): boolean =>
      namespace === (rule.namespace ?? name) &&
      choosesCluster(rule.clusters, {
        name: cluster,
        labels: clusters.find((one) => one.name === cluster)?.labels ?? {},
      })
    const own = left.filter(isOwn)
    left = left.filter((one) => !own.includes(one))
    return { rule, targets: own }
  })
}
