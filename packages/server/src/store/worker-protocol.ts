import type { PostgresOptions } from './postgres-operations.ts'
import type { DatabaseOptions, StoreOperations } from './sqlite-operations.ts'

/** Which database the thread opens. */
export type OpenOptions =
  | ({ readonly kind: 'sqlite' } & DatabaseOptions)
  | ({ readonly kind: 'postgres' } & PostgresOptions)

export interface WorkerCall {
  readonly id: number
  readonly operation: keyof StoreOperations
  readonly args: readonly unknown[]
}
export type WorkerAnswer =
  | { readonly id: number; readonly result: unknown }
  | {
      readonly id: number
      readonly error: {
        code: 'store.unavailable' | 'request.conflict' | 'input.too_large'
        message: string
        remedy?: string | undefined
        /** Seconds; only of what passes by itself. */
        retryAfter?: number | undefined
      }
    }

/** The answer with this id says how opening went. */
export const openingId = 0
