import type { ServerResponse } from 'node:http'
import type { Change, MoveRow, StreamEvent } from '@flotilla/api'
import { projectNamespace } from '@flotilla/model'
import type { Person } from '../../access/people.ts'
import { splitKey } from '../../fleet/controller-deps.ts'
import type { Caller, Services } from '../handler.ts'
import { createSessionGuard } from '../session-guard.ts'
import { moveRow } from '../views/move-view.ts'
import type { ChangeRing, NumberedChange } from './change-ring.ts'
import { ResourceDeltas } from './resource-deltas.ts'

export interface StreamLimits {
  /** Changes kept for readers that come back. */
  readonly kept: number
  readonly readers: number
  readonly readersOfOne: number
  /** Different things that may wait for a reader. */
  readonly pending: number
  /** A reader that takes nothing for this long is dropped. */
  readonly slowMs: number
  readonly heartbeatMs: number
  /** How often it is asked whether the session still holds. */
  readonly checkMs: number
  /** Changes of the same thing within this time are one. */
  readonly gatherMs: number
}

export const defaultLimits: StreamLimits = {
  kept: 4096,
  readers: 1000,
  readersOfOne: 32,
  pending: 20_000,
  slowMs: 20_000,
  heartbeatMs: 15_000,
  checkMs: 1500,
  gatherMs: 40,
}

interface ReaderParts {
  readonly response: ServerResponse
  readonly caller: Caller
  readonly topics: readonly string[]
  readonly services: Services
  readonly limits: StreamLimits
}

/** Rows are kept by the index and shared, so each is written out once for all readers. */
const written = new WeakMap<object, string>()

/** One open stream. What waits for it is one entry per thing, never a backlog of states. */
export class StreamReader {
  readonly tokenHash: string
  readonly #parts: ReaderParts
  readonly #pending = new Map<string, NumberedChange>()
  readonly #lists: ReadonlySet<string>
  /** Single ones that are followed whole, by the list that they are in. */
  readonly #details: Readonly<Record<'applications' | 'rollouts', ReadonlySet<string>>>
  readonly #ended = Promise.withResolvers<undefined>()
  readonly #resources: ResourceDeltas
  readonly #whyOver: () => string | undefined
  #person: Person
  #flushing = false
  #flushTimer: NodeJS.Timeout | undefined
  #blockedSince: number | undefined
  #over = false
  #idOf: (seq: number) => string = String

  constructor(parts: ReaderParts) {
    this.#parts = parts
    this.tokenHash = parts.caller.tokenHash
    this.#person = parts.caller.person
    // what is sent is asked for with the rights of the moment
    this.#whyOver = createSessionGuard(parts.services, parts.caller, { endsWithRole: false })
    this.#resources = new ResourceDeltas({
      services: parts.services,
      topics: parts.topics,
      person: () => this.#person,
      write: (event) => this.#write(event),
      isHeldUp: () => this.#over || this.#blockedSince !== undefined,
      gatherMs: parts.limits.gatherMs,
    })
    const detailsOf = (prefix: string): Set<string> =>
      new Set(parts.topics.filter((topic) => topic.startsWith(prefix)).map((topic) => topic.slice(prefix.length)))
    this.#lists = new Set(parts.topics.filter((topic) => !/^(application|rollout):/.test(topic)))
    this.#details = { applications: detailsOf('application:'), rollouts: detailsOf('rollout:') }
  }

  /** Resolves when the stream is over. */
  async run(ring: ChangeRing, lastId: string | undefined): Promise<void> {
    const { response, limits } = this.#parts
    this.#idOf = (seq) => ring.id(seq)
    const missed = lastId === undefined ? undefined : ring.after(lastId)
    this.#write({
      event: 'hello',
      id: missed === undefined ? ring.id() : (lastId ?? ring.id()),
      data: { heartbeatSeconds: limits.heartbeatMs / 1000, resumed: missed !== undefined },
    })
    if (lastId !== undefined && missed === undefined)
      this.#write({ event: 'reset', data: { reason: 'What was missed is not kept any more' } })
    for (const change of missed ?? []) this.offer(change)
    this.#resources.start(missed !== undefined)

    const heartbeat = setInterval(() => {
      if (this.#blockedSince === undefined)
        this.#write({ event: 'heartbeat', data: { at: new Date(this.#parts.services.deps.clock.now()).toISOString() } })
    }, limits.heartbeatMs)
    const check = setInterval(() => this.#check(), limits.checkMs)
    const slow = setInterval(() => this.#dropWhenSlow(), Math.min(1000, limits.slowMs))
    response.once('close', () => this.#finish())
    response.on('drain', () => {
      this.#blockedSince = undefined
      this.#scheduleFlush()
      this.#resources.goOn()
    })
    try {
      await this.#ended.promise
    } finally {
      clearInterval(heartbeat)
      clearInterval(check)
      clearInterval(slow)
      clearTimeout(this.#flushTimer)
      this.#pending.clear()
      this.#resources.close()
    }
  }

  offer(change: NumberedChange): void {
    if (this.#over) return
    const listed = this.#lists.has(change.topic)
    const detailed =
      (change.topic === 'applications' || change.topic === 'rollouts') && this.#details[change.topic].has(change.key)
    if (!listed && !detailed) return
    const key = `${change.topic}/${change.key}`
    // behind the others, so that ids only grow
    this.#pending.delete(key)
    this.#pending.set(key, change)
    if (this.#pending.size > this.#parts.limits.pending) this.end('slow', 'More waited for this reader than is kept')
    else this.#scheduleFlush()
  }

  end(code: 'slow' | 'signed-out' | 'shutdown', reason: string): void {
    if (this.#over) return
    const { response } = this.#parts
    this.#write({ event: 'end', data: { code, reason } })
    this.#finish()
    response.end()
    // a reader that takes nothing must not hold the socket
    setTimeout(() => response.destroy(), 2000).unref()
  }

  #finish(): void {
    this.#over = true
    this.#ended.resolve(undefined)
  }

  #scheduleFlush(): void {
    if (this.#flushTimer !== undefined || this.#over || this.#pending.size === 0) return
    this.#flushTimer = setTimeout(() => {
      this.#flushTimer = undefined
      this.#flush().catch((thrown: unknown) => {
        const reason = thrown instanceof Error ? thrown.message : String(thrown)
        this.#parts.services.deps.log.warn('live stream held up', { reason })
      })
    }, this.#parts.limits.gatherMs)
  }

  async #flush(): Promise<void> {
    if (this.#flushing || this.#over) return
    this.#flushing = true
    try {
      const batch = [...this.#pending].slice(0, 500)
      const visible = await this.#visible(batch.map(([, change]) => change))
      for (const [key, change] of batch) {
        if (this.#over || this.#blockedSince !== undefined) return
        // replaced by a newer one while the rights were asked for
        if (this.#pending.get(key) !== change) continue
        this.#pending.delete(key)
        if (visible(change)) this.#writeChange(change)
      }
    } finally {
      this.#flushing = false
      if (this.#blockedSince === undefined) this.#scheduleFlush()
    }
  }

  async #visible(changes: readonly NumberedChange[]): Promise<(change: NumberedChange) => boolean> {
    const { visibility } = this.#parts.services
    const visible = new Set<NumberedChange>()
    for (const topic of new Set(changes.map((change) => change.topic))) {
      const those = changes.filter((change) => change.topic === topic)
      const places = those.map((change) => ({ namespace: change.namespace, name: nameOf(change), change }))
      for (const { change } of await visibility.objects(this.#person.identity, topic, places)) visible.add(change)
    }
    return (change) => visible.has(change)
  }

  #writeChange(change: NumberedChange): void {
    const { index, releases } = this.#parts.services
    const { topic, key } = change
    const id = this.#idOf(change.seq)
    if (this.#lists.has(topic)) this.#writeRow(id, topic, key, this.#rowOf(topic, key))
    if (topic === 'rollouts' && this.#details.rollouts.has(key))
      this.#writeRow(id, 'rollout', key, releases.rolloutDetail(key))
    if (topic === 'applications' && this.#details.applications.has(key)) {
      const [project = '', name = ''] = key.split('/')
      this.#writeRow(id, 'application', key, index.applicationDetail(project, name))
    }
  }

  #rowOf(topic: NumberedChange['topic'], key: string): object | undefined {
    const { index, releases } = this.#parts.services
    switch (topic) {
      case 'applications':
        return index.applicationRow(key)
      case 'clusters':
        return index.clusterRow(key)
      case 'projects':
        return index.projectRow(key)
      case 'workspaces':
        return index.workspaceRow(key)
      case 'releases':
        return releases.releaseRow(key)
      case 'rollouts':
        return releases.rolloutRow(key)
      case 'moves':
        return this.#moveOf(key)
      default:
        return topic satisfies never
    }
  }

  #moveOf(key: string): MoveRow | undefined {
    const { state } = this.#parts.services.deps
    const { namespace: project, name } = splitKey(key)
    const move = state.moves.get(projectNamespace(project), name)
    return move && moveRow(move, state.users.list())
  }

  #writeRow(id: string, topic: Change['topic'], key: string, row: object | undefined): void {
    let text = row === undefined ? 'null' : written.get(row)
    if (text === undefined && row !== undefined) {
      text = JSON.stringify(row)
      written.set(row, text)
    }
    this.#send(
      `event: change\nid: ${id}\ndata: {"topic":"${topic}","key":${JSON.stringify(key)},"row":${text ?? 'null'}}\n\n`,
    )
  }

  #write(event: StreamEvent): void {
    const id = 'id' in event ? `id: ${event.id}\n` : ''
    this.#send(`event: ${event.event}\n${id}data: ${JSON.stringify(event.data)}\n\n`)
  }

  #send(text: string): void {
    const { response, services } = this.#parts
    if (this.#over || response.writableEnded || response.destroyed) return
    if (!response.write(text)) this.#blockedSince ??= services.deps.clock.elapsed()
  }

  #dropWhenSlow(): void {
    const { services, limits } = this.#parts
    if (this.#blockedSince === undefined || services.deps.clock.elapsed() - this.#blockedSince < limits.slowMs) return
    this.end('slow', 'This reader does not take what is sent to it')
  }

  /** The session is over, or the person's rights are others. */
  #check(): void {
    const why = this.#whyOver()
    const person = this.#parts.services.sessions.recall(this.#parts.caller)
    if (why !== undefined || person === undefined) return this.end('signed-out', why ?? 'The session is over')
    const before = this.#person.identity.groups.join()
    this.#person = person
    if (before !== person.identity.groups.join())
      this.#write({ event: 'reset', data: { reason: 'Your rights have changed' } })
    this.#resources.check()
  }
}

/** The last part of its key, which may begin with the project. */
const nameOf = ({ key }: NumberedChange): string => key.slice(key.lastIndexOf('/') + 1)
