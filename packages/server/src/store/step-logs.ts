export interface StepLogKey {
  readonly rolloutUid: string
  /** The step's key in its rollout. */
  readonly step: string
  readonly attempt: number
}

export interface StepLog extends StepLogKey {
  readonly projectUid: string
  readonly text: string
  /** RFC 3339, UTC. */
  readonly at: string
}

export interface StepLogEntry {
  readonly step: string
  readonly attempt: number
  readonly at: string
  /** Of the text that is kept, in UTF-8. */
  readonly bytes: number
}

/** What steps of rollouts said, encrypted at rest. */
export interface StepLogs {
  /** The same key again replaces. Of more than 1 MiB the last part is kept, under a line that says how much was dropped. */
  put(log: StepLog): Promise<void>
  /** Of the newest attempt when none is named. */
  get(rolloutUid: string, step: string, attempt?: number): Promise<StepLog | undefined>
  /** By step and attempt, 5,000 at most. */
  list(rolloutUid: string): Promise<readonly StepLogEntry[]>
  /** Removes those from before that time, a bounded number at a time. Gives how many went. */
  prune(before: string): Promise<number>
}
