interface Target {
  readonly cluster: string
  readonly namespace: string
}

/** How a target is called among others: by its cluster, and by its namespace too where that cluster holds several. */
export function nameTargets(all: readonly Target[]): (target: Target) => string {
  const seen = new Set<string>()
  const several = new Set<string>()
  for (const { cluster } of all) (seen.has(cluster) ? several : seen).add(cluster)
  return ({ cluster, namespace }) => (several.has(cluster) ? `${cluster}/${namespace}` : cluster)
}

/** Among the targets of a run, those included that came too late for it. */
export const nameTargetsOf = (run: {
  readonly stages: readonly { readonly targets: readonly Target[] }[]
  readonly left?: readonly Target[]
}): ((target: Target) => string) => nameTargets([...run.stages.flatMap(({ targets }) => targets), ...(run.left ?? [])])
