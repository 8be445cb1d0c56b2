import type { AuditEntry, AuditRecord, AuditResult, AuditSource } from '@flotilla/api'
import type { ChainHead } from '../audit/chain.ts'

/** What is looked for; what is left out, everything. */
export interface AuditQuestion {
  /** Milliseconds since the epoch. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** Name or uid. */
  readonly person?: string | undefined
  /** One that ends with a dot is the beginning of one. */
  readonly verbs?: readonly string[] | undefined
  readonly kinds?: readonly string[] | undefined
  readonly sources?: readonly AuditSource[] | undefined
  readonly clusters?: readonly string[] | undefined
  readonly workspaces?: readonly string[] | undefined
  readonly projects?: readonly string[] | undefined
  readonly name?: string | undefined
  /** Without it: all but what was begun and has ended. */
  readonly results?: readonly AuditResult[] | undefined
  /** Only what belongs to one of these, by uid. */
  readonly within?: { readonly workspaces: readonly string[]; readonly projects: readonly string[] } | undefined
}

export interface AuditFound {
  readonly items: readonly AuditRecord[]
  /** Where to go on; undefined when all were looked at. There may be more although none was found here. */
  readonly next?: number | undefined
}

/** What a stretch of the chain is like when it is computed again. */
export interface AuditCheck {
  readonly records: number
  /** The last one that was looked at. */
  readonly head: ChainHead
  readonly done: boolean
  /** The first that is not as it was written. */
  readonly broken?: { readonly sequence: number; readonly what: string } | undefined
  /** Hashes at those sequences of `wanted` that were passed. */
  readonly hashes: ReadonlyMap<number, string>
}

/** Records that follow each other by their hashes. Append-only: the oldest may go, and a record says so. */
export interface AuditStore {
  /** All of them or none, in their order, on the disk when it resolves. One call at a time decides what follows what. */
  append(entries: readonly AuditEntry[]): Promise<ChainHead>
  head(): Promise<(ChainHead & { readonly at: string }) | undefined>
  /** Newest first, older than `before`; looks at a bounded number of records. */
  find(
    question: AuditQuestion,
    page: { readonly before?: number | undefined; readonly limit: number },
  ): Promise<AuditFound>
  /** Oldest first, younger than `after`; looks at a bounded number of records. */
  walk(
    question: AuditQuestion,
    page: { readonly after?: number | undefined; readonly limit: number },
  ): Promise<AuditFound>
  /** Computes the records after `from` again, a bounded number of them; without `from`, from the oldest that is left. */
  check(from: ChainHead | undefined, wanted: readonly number[]): Promise<AuditCheck>
  /**
   * Removes what is older than `before` and all but the newest `most`, a bounded number at a time, and appends `entry`
   * with up to where in the same step. Gives how many went.
   */
  prune(left: { readonly before: string; readonly most: number; readonly entry: AuditEntry }): Promise<number>
}
