import { type Condition, computeConditions } from '@flotilla/model'

export interface ConditionSaid {
  readonly status: 'True' | 'False' | 'Unknown'
  /** One CamelCase word. */
  readonly reason: string
  /** For the operator: what, why, what to do. */
  readonly message: string
}

/** The conditions of before with `Ready` as it is now. */
export function computeReady(
  object: {
    readonly metadata: { readonly generation?: number | undefined }
    readonly status?: { readonly conditions?: Condition[] | undefined } | undefined
  },
  said: ConditionSaid,
  now: string,
): Condition[] {
  const { generation } = object.metadata
  const observed = generation === undefined ? {} : { observedGeneration: generation }
  return computeConditions(object.status?.conditions, [{ type: 'Ready', ...said, ...observed }], now)
}

/** The conditions with one that is there only while something is to be said of it. */
export function withCondition(
  object: Parameters<typeof computeReady>[0],
  conditions: readonly Condition[],
  type: 'QuotaExceeded' | 'Isolated',
  said: ConditionSaid | undefined,
  now: string,
): Condition[] {
  const others = conditions.filter((condition) => condition.type !== type)
  if (said === undefined) return others
  const before = object.status?.conditions?.filter((condition) => condition.type === type)
  return [...others, ...computeConditions(before, [{ type, ...said, ...observedGeneration(object) }], now)]
}

/** The generation that a status speaks of, as a part of a status. */
export const observedGeneration = (object: { readonly metadata: { readonly generation?: number | undefined } }) =>
  object.metadata.generation === undefined ? {} : { observedGeneration: object.metadata.generation }
