import { type Condition, computeConditions } from '@flotilla/model'

interface ReadySaid {
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
  said: ReadySaid,
  now: string,
): Condition[] {
  const { generation } = object.metadata
  const observed = generation === undefined ? {} : { observedGeneration: generation }
  return computeConditions(object.status?.conditions, [{ type: 'Ready', ...said, ...observed }], now)
}

/** The generation that a status speaks of, as a part of a status. */
export const observedGeneration = (object: { readonly metadata: { readonly generation?: number | undefined } }) =>
  object.metadata.generation === undefined ? {} : { observedGeneration: object.metadata.generation }
