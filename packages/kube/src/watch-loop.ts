import { aborted } from './aborted.ts'
import { asFlotillaError, FlotillaError, type KubeObject } from '@flotilla/model'
import { backoff } from './backoff.ts'
import { ChangeQueues } from './change-queue.ts'
import { systemClock, type Clock } from './clock.ts'
import { impersonationHeaders } from './identity.ts'
import type { ResolvedKind } from './kind-ref.ts'
import { KubeError } from './kube-error.ts'
import { listPages, type ListSource } from './list.ts'
import { compareVersions, isOlder, laterVersion } from './resource-version.ts'
import { openWatch } from './watch-stream.ts'
import { watchKey, WatchStore, type StoredItem } from './watch-store.ts'
import type { CreateWatchOptions, WatchState } from './watch.ts'

const defaultSilentAfterMs = 150_000
const defaultMaxBackoffMs = 10_000
const baseBackoffMs = 100
/** After a cluster is back, its watches do not all return in the same instant. */
const returnSpreadMs = 500
/** A watch that lasted this long was a good one: the next failure is the first again. */
const steadyMs = 5_000
const serverTimeoutSeconds = { least: 240, spread: 120 }

/** The life of one watch: list, follow, recover, again. */
export class WatchLoop<T> {
  readonly queues = new ChangeQueues<T>()
  readonly store: WatchStore<T>
  readonly #options: CreateWatchOptions<T>
  readonly #clock: Clock
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  #nudge = new AbortController()
  #state: WatchState
  #waiters = new Set<() => void>()
  #lastHeard: number
  /** As `lastHeard`, on the clock that does not jump. */
  #heardAt: number
  /** Where to resume; undefined when only a list will do. */
  #position: string | undefined
  /** The latest version ever seen: nothing older is believed. */
  #highest: string | undefined
  #verify = false
  #failures = 0

  constructor(options: CreateWatchOptions<T>) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#signal =
      options.signal === undefined ? this.#stop.signal : AbortSignal.any([this.#stop.signal, options.signal])
    this.#lastHeard = this.#clock.now()
    this.#heardAt = this.#clock.elapsed()
    this.#state = { state: 'syncing', since: this.#lastHeard }
    this.store = new WatchStore<T>((change) => {
      options.onEvent?.(change)
      this.queues.push(change)
    })
    void this.#run()
  }

  get state(): WatchState {
    return this.#state
  }

  close(): void {
    this.#stop.abort(new FlotillaError('internal', { message: 'The watch was closed.' }))
  }

  acceptOlder(): void {
    this.#highest = undefined
    this.#position = undefined
    this.store.forgetVersions()
    this.#nudge.abort()
  }

  async synced(signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const check = (): void => {
      if (this.#state.state === 'synced') resolve()
      else if (this.#signal.aborted) reject(this.#signal.reason as Error)
    }
    const abort = (): void => reject(signal?.reason as Error)
    if (signal?.aborted === true) abort()
    signal?.addEventListener('abort', abort, { once: true })
    this.#waiters.add(check)
    check()
    try {
      await promise
    } finally {
      this.#waiters.delete(check)
      signal?.removeEventListener('abort', abort)
    }
  }

  async #run(): Promise<void> {
    while (!this.#signal.aborted) {
      if (this.#nudge.signal.aborted) this.#nudge = new AbortController()
      try {
        const source = await this.#source()
        if (this.#position === undefined) await this.#relist(source)
        else if (this.#verify) await this.#verifyNotOlder(source)
        if (this.#position !== undefined) await this.#follow(source, this.#position)
      } catch (thrown) {
        if (!this.#signal.aborted) await this.#recover(thrown)
      }
    }
    this.#change({ state: 'closed' })
    this.queues.close()
  }

  async #source(): Promise<ListSource> {
    const { client, kind } = this.#options
    const resolved = await client.discovery.resolveKind(kind, { signal: this.#signal })
    return { transport: client.transport, kind: resolved, headers: impersonationHeaders(client.identity) }
  }

  /** Adds and changes come as pages arrive; deletes only once the list is complete, as a partial one proves no absence. */
  async #relist(source: ListSource): Promise<void> {
    const { namespace, labelSelector, fieldSelector, pageSize, project } = this.#options
    const keep = (object: KubeObject): StoredItem<T> => ({
      key: watchKey(object),
      version: object.metadata.resourceVersion ?? '',
      object: project === undefined ? (object as T) : project(object),
    })
    const select = { namespace, labelSelector, fieldSelector, pageSize, signal: this.#signal }
    const seen = new Set<string>()
    let version = ''
    for await (const page of listPages<StoredItem<T>>(source, { ...select, project: keep })) {
      this.#heard()
      this.#refuseOlder(page.resourceVersion)
      if (page.restart) seen.clear()
      for (const item of page.items) {
        seen.add(item.key)
        this.store.put(item)
      }
      version = page.resourceVersion
    }
    if (version === '') throw unwatchable(source.kind)
    this.store.keepOnly(seen)
    this.#moveTo(version)
    this.#verify = false
    this.#change({ state: 'synced', since: this.#clock.now() })
  }

  /** The server behind the address may be another one than before, or one restored from a backup. */
  async #verifyNotOlder(source: ListSource): Promise<void> {
    const { namespace } = this.#options
    const project = (): undefined => undefined
    for await (const page of listPages(source, { namespace, pageSize: 1, project, signal: this.#signal })) {
      this.#heard()
      this.#refuseOlder(page.resourceVersion)
      break
    }
    this.#verify = false
  }

  async #follow(source: ListSource, position: string): Promise<void> {
    const { namespace, labelSelector, fieldSelector } = this.#options
    const timeout = Math.round(serverTimeoutSeconds.least + this.#clock.random() * serverTimeoutSeconds.spread)
    const watch = await openWatch(source, {
      namespace,
      labelSelector,
      fieldSelector,
      resourceVersion: position,
      serverTimeoutSeconds: timeout,
      signal: this.#signal,
    })
    const started = this.#clock.elapsed()
    const nudge = this.#nudge.signal
    if (nudge.aborted) return watch.close()
    this.#heard()
    if (this.#state.state !== 'synced') this.#change({ state: 'synced', since: this.#clock.now() })
    const guard = this.#guardSilence(() => watch.close())
    const end = (): void => watch.close()
    nudge.addEventListener('abort', end, { once: true })
    let heardAny = false
    try {
      for await (const event of watch.events) {
        if (nudge.aborted) break
        this.#heard()
        heardAny = true
        this.#failures = 0
        if (event.type === 'BOOKMARK') this.#moveTo(event.resourceVersion)
        else this.#accept(event)
      }
    } catch (thrown) {
      this.#verify = true
      // Silence alone proves nothing: a kind where nothing happens gets no bookmarks either. Look again, and go on.
      if (nudge.aborted || guard.silent) return
      throw thrown
    } finally {
      nudge.removeEventListener('abort', end)
      guard.stop()
      watch.close()
    }
    const lasted = this.#clock.elapsed() - started
    // An end that came as announced needs no second look.
    this.#verify = lasted < timeout * 900
    if (guard.silent || lasted > steadyMs) this.#failures = 0
    else if (!heardAny && !nudge.aborted && this.#failures++ > 0) throw endedAtOnce(this.#options.client.name)
  }

  #accept(event: { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubeObject }): void {
    const version = event.object.metadata.resourceVersion ?? ''
    // Each event of a watch is later than where the watch began and than the one before.
    if (this.#position !== undefined && compareVersions(version, this.#position) !== 1) this.#refuseOlder(version, true)
    const key = watchKey(event.object)
    if (event.type === 'DELETED') this.store.remove(key)
    else {
      const { project } = this.#options
      this.store.put({ key, version, object: project === undefined ? (event.object as T) : project(event.object) })
    }
    this.#moveTo(version)
  }

  #guardSilence(end: () => void): { readonly silent: boolean; stop: () => void } {
    const afterMs = this.#options.silentAfterMs ?? defaultSilentAfterMs
    const guard = { silent: false, stop: () => clearInterval(timer) }
    const timer = setInterval(() => {
      if (this.#clock.elapsed() - this.#heardAt < afterMs) return
      guard.silent = true
      end()
    }, afterMs / 4)
    return guard
  }

  async #recover(thrown: unknown): Promise<void> {
    const error = asFlotillaError(thrown)
    const { transport } = this.#options.client
    const gone = error.code === 'kube.gone'
    if (gone || isBeyondServer(error)) this.#position = undefined
    if (gone && this.#state.state === 'synced') {
      // The server answers, and the list that follows now tells what was missed: no reason to call all unknown.
    } else if (this.#state.state === 'syncing') {
      this.#change({ state: 'syncing', since: this.#state.since, reason: error.message })
    } else {
      this.#change({ state: 'stale', since: this.#lastHeard, reason: error.message })
    }
    const maxMs = this.#options.maxBackoffMs ?? defaultMaxBackoffMs
    const random = (): number => this.#clock.random()
    const wait = Math.max(
      backoff(this.#failures++, { baseMs: baseBackoffMs, maxMs, random }),
      Math.min(error.retryAfter ?? 0, 60) * (error.code.startsWith('kube.') ? 1000 : 0),
    )
    const signal = AbortSignal.any([this.#signal, this.#nudge.signal])
    try {
      // what it kept is kept, and nothing is asked: whoever closed the client may not be whoever watches
      if (transport.closed.aborted) return await aborted(this.#signal)
      if (transport.breaker.state === 'closed') {
        await this.#clock.sleep(wait, signal)
      } else {
        await transport.whenReachable(signal)
        await this.#clock.sleep(random() * returnSpreadMs, signal)
      }
    } catch {
      // Closed, or told to try at once.
    }
  }

  #refuseOlder(version: string, orSame = false): void {
    const seen = orSame ? this.#position : this.#highest
    if (seen === undefined) return
    if (!isOlder(version, seen) && !(orSame && version === seen)) return
    this.#verify = true
    throw new FlotillaError('cluster.unreachable', {
      message:
        `The API server answers with older data than was seen before (resourceVersion ${version} after ${seen}); ` +
        'it is not acted on.',
      remedy:
        'It may be a replica that lags, which mends itself. If the cluster was restored from a backup, confirm that its older state is to be taken.',
    })
  }

  #moveTo(version: string): void {
    if (version === '') return
    this.#position = version
    this.#highest = this.#highest === undefined ? version : laterVersion(this.#highest, version)
  }

  #heard(): void {
    this.#lastHeard = this.#clock.now()
    this.#heardAt = this.#clock.elapsed()
  }

  #change(state: WatchState): void {
    if (sameState(this.#state, state)) return
    this.#state = state
    this.#options.onState?.(state)
    for (const check of this.#waiters) check()
  }
}

/** The server does not know the version yet: it lags behind, or it is another one. */
function isBeyondServer(error: FlotillaError): boolean {
  return error instanceof KubeError && error.causes.some((cause) => cause.reason === 'ResourceVersionTooLarge')
}

function sameState(a: WatchState, b: WatchState): boolean {
  return a.state === 'stale' && b.state === 'stale' && a.since === b.since && a.reason === b.reason
}

function endedAtOnce(cluster: string): FlotillaError {
  return new FlotillaError('cluster.unreachable', {
    message: `Cluster ${cluster}: the watch ended as soon as it began.`,
    remedy: 'A proxy on the way may cut long answers: let it pass streams of the API server.',
  })
}

function unwatchable(kind: ResolvedKind): FlotillaError {
  return new FlotillaError('kube.api', {
    message: `${kind.kind} cannot be watched: its list has no resourceVersion.`,
    remedy: 'List it when needed instead.',
  })
}
