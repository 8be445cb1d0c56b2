import { apiTokenOperations } from './api-tokens.ts'
import { auditOperations } from './audit.ts'
import { historyOperations } from './history.ts'
import { migrationLedgerOperations } from './migration-ledger.ts'
import { onceOperations } from './once.ts'
import { recordingOperations } from './recordings.ts'
import { revisionOperations } from './revisions.ts'
import { sessionOperations } from './sessions.ts'
import { stepLogOperations } from './step-logs.ts'
import type { Operation } from './work.ts'

/** What both databases do with the same words. */
export const sharedOperations = (blobKey: Uint8Array) => ({
  ...recordingOperations(blobKey),
  ...revisionOperations(blobKey),
  ...sessionOperations,
  ...apiTokenOperations,
  ...auditOperations,
  ...onceOperations,
  ...migrationLedgerOperations(blobKey),
  ...stepLogOperations(blobKey),
  ...historyOperations,
})

export type SharedOperations = ReturnType<typeof sharedOperations>

/** The operations as a database that answers at once has them. */
export type AnsweredNow<Operations> = {
  readonly [Name in keyof Operations]: Operations[Name] extends Operation<infer Args, infer T>
    ? (...args: Args) => T
    : never
}

/** Makes each operation a function, by driving its work. */
export function driven<Result>(
  operations: SharedOperations,
  drive: (operation: Operation<readonly unknown[], unknown>, args: readonly unknown[]) => unknown,
): Result {
  const entries = Object.entries(operations).map(([name, operation]) => {
    // each is called with its own arguments; together they have none in common
    const any = operation as unknown as Operation<readonly unknown[], unknown>
    return [name, (...args: readonly unknown[]) => drive(any, args)] as const
  })
  return Object.fromEntries(entries) as Result
}
