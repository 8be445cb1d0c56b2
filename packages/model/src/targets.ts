import type { Application } from './kinds/application.ts'
import type { Project } from './kinds/project.ts'
import { labels } from './labels.ts'
import { choosesCluster, choosesTarget } from './selectors.ts'

/** One place where a project lives: a namespace of a cluster, with the labels that selectors see. */
export interface Target {
  readonly cluster: string
  readonly namespace: string
  readonly environment?: string
  readonly labels: Readonly<Record<string, string>>
  /** Which of `spec.targets` it comes of. */
  readonly rule?: number
}

export interface NamedCluster {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** What selectors see of a target of a cluster: the cluster's own, its name and the environment. */
export const targetLabels = (cluster: NamedCluster, environment: string | undefined): Record<string, string> => ({
  ...cluster.labels,
  [labels.cluster]: cluster.name,
  ...(environment === undefined ? {} : { [labels.environment]: environment }),
})

export const targetKey = (target: Pick<Target, 'cluster' | 'namespace'>): string =>
  `${target.cluster}/${target.namespace}`

/** Every target of a project over the clusters that exist. The first rule that names a cluster and namespace wins; sorted by key. */
export function computeTargets(
  project: Pick<Project, 'metadata' | 'spec'>,
  clusters: readonly NamedCluster[],
): Target[] {
  const found = new Map<string, Target>()
  for (const [index, rule] of project.spec.targets.entries()) {
    for (const cluster of clusters) {
      if (!choosesCluster(rule.clusters, cluster)) continue
      const target: Target = {
        cluster: cluster.name,
        rule: index,
        namespace: rule.namespace ?? project.metadata.name,
        ...(rule.environment === undefined ? {} : { environment: rule.environment }),
        labels: targetLabels(cluster, rule.environment),
      }
      const key = targetKey(target)
      if (!found.has(key)) found.set(key, target)
    }
  }
  return [...found.values()].sort((a, b) => (targetKey(a) < targetKey(b) ? -1 : 1))
}

/** The targets of its project in which an application is wanted. */
export function computePlacement(spec: Pick<Application['spec'], 'placement'>, targets: readonly Target[]): Target[] {
  const { clusters, environments, also = [], except = [] } = spec.placement
  const chosen = (target: Target): boolean =>
    choosesCluster(clusters, { name: target.cluster, labels: target.labels }) &&
    (environments === undefined || (target.environment !== undefined && environments.includes(target.environment)))
  return targets.filter(
    (target) =>
      (chosen(target) || also.some((choice) => choosesTarget(choice, target))) &&
      !except.some((choice) => choosesTarget(choice, target)),
  )
}

/** Whether everything is to be there in a target, and nothing in it is to act by itself. */
export const isStandby = (
  { standby = [] }: Pick<Application['spec'], 'standby'>,
  target: Pick<Target, 'cluster' | 'namespace' | 'labels'>,
): boolean => standby.some((choice) => choosesTarget(choice, target))

/** Name of the Delivery of an application in a target: readable, and short enough for a label. */
export function deliveryName(
  application: string,
  target: Pick<Target, 'cluster' | 'namespace'>,
  project: string,
): string {
  return target.namespace === project
    ? `${application}.${target.cluster}`
    : `${application}.${target.cluster}.${target.namespace}`
}
