import type { StoreOperations } from './sqlite-operations.ts'

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
      }
    }

/** The answer with this id says how opening went. */
export const openingId = 0
