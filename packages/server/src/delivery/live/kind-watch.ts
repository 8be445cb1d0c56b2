import { type Clock, createWatch, type KubeClient, type Watch } from '@flotilla/kube'
import { asFlotillaError, type Known, known, labels, refKey, unknown } from '@flotilla/model'
import type { HashKey } from '@flotilla/reconcile'
import { type LiveItem, projectObject } from './project-object.ts'

export interface KindWatchOptions {
  readonly client: KubeClient
  readonly kind: { readonly group: string; readonly kind: string }
  readonly hashKey: HashKey
  readonly clock: Clock
  readonly signal: AbortSignal
  /** `before` or `after` is absent where there was, or is, nothing. */
  readonly onItem: (key: string, before: LiveItem | undefined, after: LiveItem | undefined) => void
  readonly onState: () => void
}

/** How often a kind that a cluster does not serve is asked for again. */
const absentMs = 10_000
/** How often it is asked again whether the cluster serves a kind, while it does not say. */
const unansweredMs = 3_000

/** The delivered objects of one kind in one cluster. A kind that the cluster does not serve has none, which is known. */
export class KindWatch {
  readonly #options: KindWatchOptions
  readonly #ended = new AbortController()
  #watch: Watch<LiveItem> | undefined
  /** By `Clock.elapsed`. */
  #absentSince: number | undefined
  #resolving = false
  #trouble = 'not read yet'

  constructor(options: KindWatchOptions) {
    this.#options = options
    void this.#resolve()
  }

  get sight(): Known<undefined> {
    if (this.#absentSince !== undefined) return known(undefined)
    const state = this.#watch?.state
    if (state === undefined) return unknown(`${this.#options.kind.kind}: ${this.#trouble}`)
    if (state.state === 'synced') return known(undefined)
    const reason = 'reason' in state && state.reason !== undefined ? state.reason : state.state
    return unknown(`${this.#options.kind.kind}: ${reason}`)
  }

  /** The kind is wanted now: one that was not served a while ago may be served since. */
  wanted(): void {
    const { clock } = this.#options
    if (this.#absentSince !== undefined && clock.elapsed() - this.#absentSince > 1_000) void this.#resolve()
  }

  close(): void {
    this.#ended.abort(new Error('no longer watched'))
    this.#letGo()
  }

  #letGo(): void {
    const watch = this.#watch
    this.#watch = undefined
    watch?.close()
    for (const item of watch?.objects.values() ?? []) this.#options.onItem(refKey(item.live.ref), item, undefined)
  }

  /** Asks what the cluster calls the kind, until it is served; then watches it for good. */
  async #resolve(): Promise<void> {
    if (this.#resolving || this.#watch !== undefined) return
    this.#resolving = true
    const { client, kind, clock } = this.#options
    const signal = AbortSignal.any([this.#ended.signal, this.#options.signal])
    try {
      while (!signal.aborted) {
        try {
          await client.discovery.resolveKind(kind, { signal })
          this.#absentSince = undefined
          this.#start(signal)
          return
        } catch (thrown) {
          signal.throwIfAborted()
          const error = asFlotillaError(thrown)
          const wasKnown = this.#absentSince !== undefined
          this.#absentSince = error.code === 'kube.kind_not_served' ? clock.elapsed() : undefined
          this.#trouble = error.message
          if (wasKnown !== (this.#absentSince !== undefined)) this.#options.onState()
        }
        const pauseMs = this.#absentSince === undefined ? unansweredMs : absentMs
        await clock.sleep(pauseMs * (0.5 + clock.random() / 2), signal)
      }
    } catch {
      // closed
    } finally {
      this.#resolving = false
    }
  }

  #start(signal: AbortSignal): void {
    const { client, kind, hashKey, clock, onItem, onState } = this.#options
    this.#watch = createWatch<LiveItem>({
      client,
      kind,
      clock,
      signal,
      labelSelector: labels.delivery,
      project: (object) => projectObject(object, hashKey),
      onEvent: (change) => {
        switch (change.type) {
          case 'added':
            return onItem(refKey(change.object.live.ref), undefined, change.object)
          case 'modified':
            return onItem(refKey(change.object.live.ref), change.previous, change.object)
          case 'deleted':
            return onItem(refKey(change.object.live.ref), change.object, undefined)
          default:
            return change satisfies never
        }
      },
      onState: (state) => {
        if (state.state === 'stale') void this.#checkServed(signal)
        onState()
      },
    })
  }

  /** A definition that was deleted takes its objects with it: its watch would be stale for ever. */
  async #checkServed(signal: AbortSignal): Promise<void> {
    const { client, kind } = this.#options
    try {
      await client.discovery.resolveKind(kind, { signal })
    } catch (thrown) {
      if (signal.aborted || asFlotillaError(thrown).code !== 'kube.kind_not_served') return
      this.#absentSince = this.#options.clock.elapsed()
      this.#letGo()
      this.#options.onState()
      void this.#resolve()
    }
  }
}
