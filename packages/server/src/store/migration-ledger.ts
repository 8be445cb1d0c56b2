/** What makes a migration the same one: what is run, and where, whatever rollout or attempt it is run by. */
export interface MigrationKey {
  readonly projectUid: string
  /** Digest of what is run (Job template, images, values that it reads). */
  readonly digest: string
  /** `target:<cluster>/<namespace>` or `database:<name>`. */
  readonly scope: string
}

/** One migration, as its last run stands. Times are RFC 3339 in UTC, with milliseconds. */
export interface MigrationRecord extends MigrationKey {
  readonly project: string
  readonly application: string
  /** Name for people, such as `migrate-orders`. */
  readonly name: string
  readonly state: 'Running' | 'Succeeded' | 'Failed' | 'Uncertain'
  /** Who runs, or ran it: `<rollout uid>/<step key>/<attempt>` or `<delivery uid>/<hook id>`. */
  readonly holder: string
  /** Where its Job is. */
  readonly job: { readonly cluster: string; readonly namespace: string; readonly name: string }
  readonly reversible: boolean
  readonly idempotent: boolean
  /** How often it was begun. */
  readonly runs: number
  readonly startedAt: string
  readonly endedAt?: string
  readonly message?: string
  /** When a person said how it ended. */
  readonly resolved?: { readonly by: string; readonly reason: string; readonly at: string }
}

export type MigrationClaim = Omit<MigrationRecord, 'state' | 'runs' | 'endedAt' | 'message' | 'resolved'>

export interface MigrationBegun {
  /** Whether `record` is Running and the claim's holder has it. */
  readonly mine: boolean
  readonly record: MigrationRecord
}

export interface MigrationEnd {
  readonly state: 'Succeeded' | 'Failed' | 'Uncertain'
  /** Its first 4,000 characters are kept. */
  readonly message?: string | undefined
  readonly at: string
}

export interface MigrationAnswer {
  readonly outcome: 'Succeeded' | 'Failed'
  readonly by: string
  readonly reason: string
  readonly at: string
}

export interface MigrationPage {
  readonly application?: string | undefined
  /** `migrationCursor` of the last one before, or a time: only what began earlier. */
  readonly before?: string | undefined
  readonly limit: number
}

/** Has each migration run once, over kills, retries and rollouts that overlap. */
export interface MigrationLedger {
  /**
   * Records the intent, and gives the record as it stands. A failed one is begun again, by whichever holder; an uncertain one
   * only when the claim calls it idempotent; a succeeded one never. What the same holder has Running is given back as it is:
   * it was killed between intent and Job.
   */
  begin(claim: MigrationClaim): Promise<MigrationBegun>
  /** Only the holder ends it; false when it is held by another by now, or has ended otherwise. */
  end(key: MigrationKey, holder: string, end: MigrationEnd): Promise<boolean>
  /** A person says how an uncertain one ended. False when it is not uncertain. */
  resolve(key: MigrationKey, answer: MigrationAnswer): Promise<boolean>
  get(key: MigrationKey): Promise<MigrationRecord | undefined>
  /** Newest first, 500 at most. */
  list(projectUid: string, page: MigrationPage): Promise<readonly MigrationRecord[]>
}
