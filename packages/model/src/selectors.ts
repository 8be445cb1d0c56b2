import { z } from 'zod'

const labelKey = z.string().min(1).max(317)
const labelValue = z.string().max(63)

/** Kubernetes label selector, `metav1.LabelSelector`. An empty one selects everything. */
export const LabelSelector = z.object({
  matchLabels: z.record(labelKey, labelValue).optional(),
  matchExpressions: z
    .array(
      z.object({
        key: labelKey,
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(labelValue).max(100).optional(),
      }),
    )
    .max(32)
    .optional(),
})
export type LabelSelector = z.infer<typeof LabelSelector>

/** Chooses clusters by name, by label, or both (either is enough). Neither given chooses all. */
export const ClusterChoice = z
  .object({
    names: z.array(z.string().min(1).max(63)).max(1000).optional().describe('Clusters by name'),
    selector: LabelSelector.optional().describe('Clusters by their labels'),
  })
  .describe('Which clusters: by name, by label, or both (either is enough). Empty means all')
export type ClusterChoice = z.infer<typeof ClusterChoice>

/** Chooses targets: what is given of clusters and namespaces has to fit, both where both are. Neither given chooses all. */
export const TargetChoice = z
  .object({
    clusters: ClusterChoice.optional(),
    namespaces: z.array(z.string().min(1).max(63)).min(1).max(100).optional().describe('Targets by their namespace'),
  })
  .describe('Which targets: by cluster, by namespace, or both (both have to fit). Empty means all')
export type TargetChoice = z.infer<typeof TargetChoice>

export function matchesSelector(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (!Object.hasOwn(labels, key) || labels[key] !== value) return false
  }
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const present = Object.hasOwn(labels, key)
    const value = present ? (labels[key] ?? '') : ''
    switch (operator) {
      case 'In':
        return present && values.includes(value)
      case 'NotIn':
        return !present || !values.includes(value)
      case 'Exists':
        return present
      case 'DoesNotExist':
        return !present
      default:
        return operator satisfies never
    }
  })
}

export function choosesCluster(
  choice: ClusterChoice | undefined,
  cluster: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
): boolean {
  if (choice === undefined || (choice.names === undefined && choice.selector === undefined)) return true
  if (choice.names?.includes(cluster.name)) return true
  return choice.selector !== undefined && matchesSelector(choice.selector, cluster.labels)
}

export function choosesTarget(
  choice: TargetChoice,
  target: { readonly cluster: string; readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
): boolean {
  if (choice.namespaces !== undefined && !choice.namespaces.includes(target.namespace)) return false
  return choosesCluster(choice.clusters, { name: target.cluster, labels: target.labels })
}
