import { choosesCluster, type Known, known, type Workspace } from '@flotilla/model'
import type { PolicyRule } from './bindings.ts'

/** A cluster as it is chosen. */
export interface ChosenCluster {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** To see all clusters: they may be listed. */
const all: PolicyRule = { apiGroups: ['flotilla.dev'], resources: ['clusters'], verbs: ['get', 'list', 'watch'] }

/** To see these: each may be got by its name. None has no rule, as one without names would be for all. */
export const seesClusters = (names: readonly string[]): readonly PolicyRule[] =>
  names.length === 0
    ? []
    : [
        {
          apiGroups: ['flotilla.dev'],
          resources: ['clusters'],
          resourceNames: [...new Set(names)].sort(),
          verbs: ['get'],
        },
      ]

/** What the people of a workspace see: the clusters that its projects may use. */
export function seesClustersOf(
  { spec }: Pick<Workspace, 'spec'>,
  clusters: Known<readonly ChosenCluster[]>,
): Known<readonly PolicyRule[]> {
  const { names, selector } = spec.clusters ?? {}
  if (names === undefined && selector === undefined) return known([all])
  if (selector === undefined) return known(seesClusters(names ?? []))
  if (!clusters.known) return clusters
  return known(seesClusters(clusters.value.filter((one) => choosesCluster(spec.clusters, one)).map(({ name }) => name)))
}
