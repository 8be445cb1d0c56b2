/** Where components run: an application in a namespace of a cluster. */
export interface RunTarget {
  readonly deliveryUid: string
  readonly projectUid: string
  readonly project: string
  readonly workspace?: string | undefined
  readonly application: string
  readonly cluster: string
  readonly namespace: string
  readonly environment?: string | undefined
}

/** What runs of one component, and by which decision. */
export interface RunComponent {
  readonly component: string
  readonly version?: string | undefined
  /** Of the rendered set. */
  readonly digest: string
  /** References as they stand in the objects; kept in their order by name, each once. */
  readonly images: readonly string[]
  readonly release?: string | undefined
  readonly rollout?: string | undefined
  /** Names of who approved. */
  readonly approvedBy: readonly string[]
  readonly author?: string | undefined
}

/** What ran where, from when to when. Times are RFC 3339 in UTC, with milliseconds. */
export interface RunRecord extends RunTarget, RunComponent {
  readonly from: string
  /** Absent: it still runs. */
  readonly until?: string | undefined
}

export interface RunsRecorded {
  readonly changed: boolean
  /** Something later is recorded of the target already, so that this was not; the moment of that, RFC 3339. */
  readonly late?: string
}

/** What is looked for; what is left out, everything. */
export interface RunQuestion {
  readonly projectUids?: readonly string[] | undefined
  readonly project?: string | undefined
  readonly application?: string | undefined
  readonly cluster?: string | undefined
  readonly namespace?: string | undefined
  readonly component?: string | undefined
  /**
   * `repository` with any tag or digest; `repository:tag`, pinned or not; `repository@digest`, under any tag; all three,
   * exactly; `@digest` in any repository. Short names of Docker Hub are the same as whole ones.
   */
  readonly image?: string | undefined
  readonly release?: string | undefined
  /** What ran at that moment. */
  readonly at?: string | undefined
  readonly running?: boolean | undefined
}

export interface RunPage {
  /** `next` of the page before. */
  readonly before?: string | undefined
  /** 500 at most. */
  readonly limit: number
}

export interface RunsFound {
  readonly items: readonly RunRecord[]
  /** Where to go on; undefined when this is all. */
  readonly next?: string | undefined
}

/** What ran where when, for years. Append-only but for `until`; what a project ran stays when the project is gone. */
export interface HistoryStore {
  /**
   * What runs in a target from `at` on: closes what is other by now (delivery, version, digest, images, release) and opens
   * what is new. The same again changes nothing, so that it may be said after each kill. No components: closes all.
   */
  record(target: RunTarget, components: readonly RunComponent[], at: string): Promise<RunsRecorded>
  /** Newest first; what is asked for combines. Fails with `input.invalid` on a `before` that is not of a page. */
  find(question: RunQuestion, page: RunPage): Promise<RunsFound>
}
