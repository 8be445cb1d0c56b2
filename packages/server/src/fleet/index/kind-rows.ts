import { type Clock, createWatch, type KubeClient, type Watch } from '@flotilla/kube'
import type { IndexedKind } from './indexed-kinds.ts'
import type { SlimRow } from './slim-row.ts'
import { WordPool } from './word-pool.ts'

/** How true the rows of one kind of one cluster are. `since` in milliseconds since the epoch. */
export type RowsState =
  | { readonly state: 'reading'; readonly reason: string | undefined }
  | { readonly state: 'current' }
  /** The rows are as they were then. */
  | { readonly state: 'stale'; readonly since: number; readonly reason: string }
  /** None are kept. */
  | { readonly state: 'refused'; readonly reason: string }

export interface RowBudget {
  used: number
  readonly most: number
}

export interface KindRowsOptions {
  readonly cluster: string
  readonly kind: IndexedKind
  readonly client: KubeClient
  readonly clock: Clock
  readonly budget: RowBudget
  /** A row that came, changed or went (undefined), while the rows are current. */
  readonly onRow: (key: string, row: SlimRow | undefined, before: SlimRow | undefined) => void
  /** How true the rows are is another matter now: whoever shows them reads them again. */
  readonly onState: () => void
}

const none: ReadonlyMap<string, SlimRow> = new Map()
/** Passing rows beyond their number before the oldest are let go together. */
const slack = 1.2

/** The watched rows of one kind in one cluster. What was seen stays while the cluster is away. */
export class KindRows {
  readonly #options: KindRowsOptions
  readonly #pool = new WordPool()
  #client: KubeClient
  #watch: Watch<SlimRow>
  /** Of the connection before this one, until the new one has read everything. */
  #before: { readonly rows: ReadonlyMap<string, SlimRow>; readonly since: number } | undefined
  #refused: string | undefined
  #closed = false
  readonly #settled = Promise.withResolvers<undefined>()

  constructor(options: KindRowsOptions) {
    this.#options = options
    this.#client = options.client
    this.#watch = this.#follow()
  }

  /** By `namespace/name`, or the name of what is cluster-scoped. */
  get rows(): ReadonlyMap<string, SlimRow> {
    if (this.#refused !== undefined) return none
    return this.#before?.rows ?? this.#watch.objects
  }

  get state(): RowsState {
    if (this.#refused !== undefined) return { state: 'refused', reason: this.#refused }
    const { state } = this.#watch
    switch (state.state) {
      case 'synced':
        return { state: 'current' }
      case 'stale':
        return state
      case 'syncing': {
        if (this.#before === undefined) return { state: 'reading', reason: state.reason }
        const reason = state.reason ?? 'it is read anew over a new connection'
        return { state: 'stale', since: this.#before.since, reason }
      }
      case 'closed':
        return { state: 'refused', reason: 'no longer watched' }
      default:
        return state satisfies never
    }
  }

  /** Resolves when everything was read once, or is refused, or the rows are let go. */
  get settled(): Promise<undefined> {
    return this.#settled.promise
  }

  /** The cluster is reached by another client from now on. */
  renew(client: KubeClient): void {
    if (client === this.#client || this.#closed || this.#refused !== undefined) return
    const { rows, state } = this
    const since = state.state === 'stale' ? state.since : this.#options.clock.now()
    const isKept = state.state === 'current' || state.state === 'stale'
    const old = this.#watch
    if (this.#before === undefined) this.#before = isKept ? { rows, since } : undefined
    this.#client = client
    // what it kept counts until the new one has read everything, and then goes
    this.#options.budget.used -= old.objects.size
    old.close()
    this.#watch = this.#follow()
    this.#options.onState()
  }

  /** Lets go of what has passed for long enough. */
  sweep(): void {
    const { passing } = this.#options.kind
    if (passing === undefined || this.#watch.state.state !== 'synced') return
    const oldest = this.#options.clock.now() / 1000 - passing.seconds
    for (const [key, row] of this.#watch.objects) if ((row.lastAt ?? row.createdAt) < oldest) this.#watch.forget(key)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#watch.close()
    if (this.#refused === undefined) this.#options.budget.used -= this.#watch.objects.size
    this.#before = undefined
    this.#settled.resolve(undefined)
  }

  #follow(): Watch<SlimRow> {
    const { kind, clock, budget } = this.#options
    const watch: Watch<SlimRow> = createWatch<SlimRow>({
      client: this.#client,
      kind: { group: kind.group, version: kind.version, kind: kind.kind },
      clock,
      project: (object) => kind.project(object, this.#pool),
      onEvent: (change) => {
        if (this.#closed || this.#refused !== undefined || watch !== this.#watch) return
        const { type, key } = change
        if (type === 'added') budget.used++
        else if (type === 'deleted') budget.used--
        if (budget.used > budget.most) return this.#refuse()
        if (watch.state.state === 'synced') {
          const before = type === 'modified' ? change.previous : type === 'deleted' ? change.object : undefined
          this.#options.onRow(key, type === 'deleted' ? undefined : change.object, before)
        }
        if (type === 'added') this.#letPass(watch)
      },
      onState: ({ state }) => {
        if (this.#closed || watch !== this.#watch) return
        if (state === 'synced') {
          this.#before = undefined
          this.#settled.resolve(undefined)
        }
        this.#options.onState()
      },
    })
    return watch
  }

  #letPass(watch: Watch<SlimRow>): void {
    const { passing } = this.#options.kind
    if (passing === undefined || watch.objects.size <= passing.most * slack) return
    const lastAt = (row: SlimRow): number => row.lastAt ?? row.createdAt
    const times = Array.from(watch.objects.values(), lastAt).sort((a, b) => b - a)
    const oldest = times[passing.most - 1] ?? 0
    let surplus = watch.objects.size - passing.most
    for (const [key, row] of watch.objects) {
      if (surplus <= 0) return
      // of those of one second any may go
      if (lastAt(row) > oldest) continue
      watch.forget(key)
      surplus--
    }
  }

  #refuse(): void {
    const { budget, kind, cluster } = this.#options
    this.#refused =
      `too many objects: the server keeps ${budget.most} rows of all clusters, and ${kind.resource} of ${cluster} ` +
      'do not fit. Narrow by cluster, or ask the cluster itself'
    budget.used -= this.#watch.objects.size
    this.#before = undefined
    this.#watch.close()
    this.#settled.resolve(undefined)
    this.#options.onState()
  }
}
