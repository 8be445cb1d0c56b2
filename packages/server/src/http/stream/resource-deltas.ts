import { readResourceTopic, type ResourceName, type StreamEvent } from '@flotilla/api'
import { ResourceFilter } from '@flotilla/api/contract'
import type { Person } from '../../access/people.ts'
import type { Places } from '../../access/rbac/rbac-view.ts'
import type { RowChange } from '../../fleet/index/resource-index.ts'
import { compileFilter, type RowFilter } from '../../fleet/index/row-filter.ts'
import type { SlimRow } from '../../fleet/index/slim-row.ts'
import type { Services } from '../handler.ts'
import { type ReachedRows, reachRows } from '../resources/reach-rows.ts'
import { resourceRow } from '../resources/resource-row.ts'

interface DeltaParts {
  readonly services: Services
  readonly topics: readonly string[]
  readonly person: () => Person
  readonly write: (event: StreamEvent) => void
  /** The reader takes nothing now. */
  readonly isHeldUp: () => boolean
  readonly gatherMs: number
}

interface Pending {
  readonly cluster: string
  readonly before: SlimRow | undefined
  after: SlimRow | undefined
}

interface Watched {
  readonly topic: string
  readonly kind: ResourceName
  readonly filter: ResourceFilter
  readonly compiled: RowFilter
  readonly pending: Map<string, Pending>
  reached: ReadonlyMap<string, ReachedRows>
  /** What of the list may be another without a row having changed: clusters that are reached, and rights there. */
  rights: string
  relist: string | undefined
}

/** Rows that wait for a reader before it is told to read the list again instead. */
const mostPending = 5000
const mostInEvent = 500
/** Lists are read again at most this often. */
const relistMs = 1000

/** The rows of the clusters' objects that one stream shows: filtered by its topics and by what its reader may watch. */
export class ResourceDeltas {
  readonly #parts: DeltaParts
  readonly #watched: readonly Watched[]
  #stops: readonly (() => void)[] = []
  #timer: NodeJS.Timeout | undefined
  #relistTimer: NodeJS.Timeout | undefined

  constructor(parts: DeltaParts) {
    this.#parts = parts
    this.#watched = parts.topics.flatMap((topic) => {
      const read = readResourceTopic(topic)
      if (read === undefined) return []
      const filter = ResourceFilter.parse(read.filter)
      const { kind } = read
      const compiled = compileFilter(filter)
      return [{ topic, kind, filter, compiled, pending: new Map(), reached: new Map(), rights: '', relist: undefined }]
    })
  }

  /** A reader that resumes knows everything but these rows, which are not kept for it. */
  start(resumed: boolean): void {
    if (this.#watched.length === 0) return
    const { resources } = this.#parts.services
    this.#stops = [
      resources.onRow((change) => this.#offer(change)),
      resources.onState((kind, cluster) => {
        for (const watched of this.#watched)
          if (watched.kind === kind && watched.reached.has(cluster))
            this.#relistSoon(watched, `What is known of ${cluster} has changed`)
      }),
    ]
    for (const watched of this.#watched) {
      this.#look(watched)
      if (resumed) this.#parts.write(relist(watched, 'These rows are not kept for readers that come back'))
    }
  }

  /** Keeps what is shown watched, and sees which clusters and rights there are now. */
  check(): void {
    for (const watched of this.#watched) {
      const before = watched.rights
      this.#look(watched)
      if (before !== watched.rights) this.#relistSoon(watched, 'Your clusters, or your rights in them, have changed')
    }
  }

  /** The reader takes again. */
  goOn(): void {
    if (this.#watched.some(({ pending }) => pending.size > 0)) this.#schedule()
    if (this.#watched.some((watched) => watched.relist !== undefined)) this.#scheduleRelist()
  }

  close(): void {
    for (const stop of this.#stops) stop()
    clearTimeout(this.#timer)
    clearTimeout(this.#relistTimer)
    for (const { pending } of this.#watched) pending.clear()
  }

  #look(watched: Watched): void {
    const { services, person } = this.#parts
    const reached = reachRows(services, person(), watched.kind, watched.filter, 'watch')
    watched.reached = new Map(reached.map((one) => [one.asked.cluster, one]))
    watched.rights = JSON.stringify(reached.map((one) => [one.asked.cluster, written(one.wanted())]))
  }

  #offer({ kind, cluster, key, row, before }: RowChange): void {
    for (const watched of this.#watched) {
      if (watched.kind !== kind || watched.relist !== undefined || !watched.reached.has(cluster)) continue
      const passes = (one: SlimRow | undefined) => one !== undefined && passesAll(watched.compiled, one)
      const of = `${cluster}/${key}`
      const waiting = watched.pending.get(of)
      if (waiting !== undefined) waiting.after = row
      else if (passes(row) || passes(before)) watched.pending.set(of, { cluster, before, after: row })
      if (watched.pending.size > mostPending) this.#relistSoon(watched, 'More changed than is kept')
      else if (watched.pending.size > 0) this.#schedule()
    }
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      for (const watched of this.#watched) this.#flush(watched)
    }, this.#parts.gatherMs)
  }

  #flush(watched: Watched): void {
    const { pending, compiled, topic } = watched
    const places = new Map<string, Places>()
    const placesIn = (cluster: string): Places => {
      let found = places.get(cluster)
      if (found === undefined) {
        found = watched.reached.get(cluster)?.wanted() ?? new Set<string>()
        places.set(cluster, found)
      }
      return found
    }
    const items: Extract<StreamEvent, { event: 'rows' }>['data']['items'] = []
    const send = (): void => {
      if (items.length > 0) this.#parts.write({ event: 'rows', data: { topic, items: items.splice(0) } })
    }
    for (const [key, { cluster, before, after }] of pending) {
      // the rest stays, one entry per row, until the reader takes again
      if (this.#parts.isHeldUp()) return
      pending.delete(key)
      const passes = (row: SlimRow | undefined): row is SlimRow =>
        row !== undefined && isIn(placesIn(cluster), row) && passesAll(compiled, row)
      const was = passes(before)
      if (passes(after)) items.push({ key, row: resourceRow(cluster, after), was })
      else if (was) items.push({ key, row: null, was })
      if (items.length >= mostInEvent) send()
    }
    send()
  }

  /** What waited says nothing any more: the list that is read again says all. */
  #relistSoon(watched: Watched, reason: string): void {
    watched.relist ??= reason
    watched.pending.clear()
    this.#scheduleRelist()
  }

  #scheduleRelist(): void {
    this.#relistTimer ??= setTimeout(() => {
      this.#relistTimer = undefined
      if (this.#parts.isHeldUp()) return
      for (const watched of this.#watched) {
        if (watched.relist === undefined) continue
        const event = relist(watched, watched.relist)
        watched.relist = undefined
        this.#look(watched)
        this.#parts.write(event)
      }
    }, relistMs)
  }
}

const relist = ({ topic }: Watched, reason: string): StreamEvent => ({ event: 'relist', data: { topic, reason } })

const passesAll = (filter: RowFilter, row: SlimRow): boolean => filter.besidesState(row) && filter.state(row)
const isIn = (places: Places, row: SlimRow): boolean => places === 'everywhere' || places.has(row.namespace)
const written = (places: Places | undefined): unknown =>
  places === undefined || places === 'everywhere' ? (places ?? 'unknown') : [...places].sort()
