import { z } from 'zod'

/** Kubernetes API conventions, "Typical status properties". */
export const Condition = z.object({
  type: z.string().max(63),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().max(128),
  message: z.string().max(4096),
  lastTransitionTime: z.string(),
  observedGeneration: z.number().int().optional(),
})
export type Condition = z.infer<typeof Condition>

export type NewCondition = Omit<Condition, 'lastTransitionTime'>

/**
 * Merges what is so now into the conditions of before. A condition keeps its time while its status holds, so that
 * "since" is true; a message may change without a transition. The order of `before` is kept.
 */
export function computeConditions(
  before: readonly Condition[] | undefined,
  now: readonly NewCondition[],
  time: string,
): Condition[] {
  const merged = new Map((before ?? []).map((condition) => [condition.type, condition]))
  for (const next of now) {
    const old = merged.get(next.type)
    const lastTransitionTime = old?.status === next.status ? old.lastTransitionTime : time
    merged.set(next.type, { ...next, lastTransitionTime })
  }
  return [...merged.values()]
}

export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type)
}
