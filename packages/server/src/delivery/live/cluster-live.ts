import type { Clock, KubeClient } from '@flotilla/kube'
import { type Health, type Known, known, unknown } from '@flotilla/model'
import type { HashKey } from '@flotilla/reconcile'
import type { LiveObject } from '../live-state.ts'
import { KindWatch } from './kind-watch.ts'
import { PodExplainer, type UnwellWorkload } from './pod-explainer.ts'
import type { LiveItem } from './project-object.ts'

export interface WatchedKind {
  readonly group: string
  readonly kind: string
}

export const kindKey = ({ group, kind }: WatchedKind): string => `${group}/${kind}`

/**
 * Kinds of one delivery that are looked at: a tenant who makes up kinds meets an end, and takes nobody else's place. Of
 * what is looked at, only kinds that the cluster serves have a watch, so those are as many as it serves.
 */
export const mostKinds = 100

export interface ClusterLiveOptions {
  readonly client: KubeClient
  readonly hashKey: HashKey
  readonly clock: Clock
  readonly onChange: (deliveryUid: string) => void
  /** Every delivery in the cluster may be seen anew, or no longer. */
  readonly onState: () => void
}

/** Delivered objects of one cluster, over all kinds that were asked for. */
export class ClusterLive {
  readonly client: KubeClient
  readonly #options: ClusterLiveOptions
  readonly #ended = new AbortController()
  readonly #kinds = new Map<string, KindWatch>()
  /** Objects of each delivery, by `refKey`. */
  readonly #items = new Map<string, Map<string, LiveItem>>()
  readonly #scaled = new Set<string>()
  readonly #explained = new Map<string, Health>()
  readonly #explainer: PodExplainer

  constructor(options: ClusterLiveOptions) {
    this.#options = options
    this.client = options.client
    this.#explainer = new PodExplainer({
      client: options.client,
      clock: options.clock,
      signal: this.#ended.signal,
      unwell: () => this.#unwell(),
      explain: (key, health) => this.#explain(key, health),
    })
  }

  get uids(): Iterable<string> {
    return this.#items.keys()
  }

  want(kinds: Iterable<WatchedKind>): void {
    for (const kind of kinds) {
      const key = kindKey(kind)
      const watch = this.#kinds.get(key)
      if (watch !== undefined) watch.wanted()
      else this.#kinds.set(key, this.#watchKind(kind))
    }
  }

  /** Nobody wants this kind any more. */
  drop(key: string): void {
    this.#kinds.get(key)?.close()
    this.#kinds.delete(key)
  }

  /** Known when every one of the kinds is; without kinds, every kind that is asked for. */
  objects(deliveryUid: string, kinds?: Iterable<string>): Known<readonly LiveObject[]> {
    const asked = kinds === undefined ? [...this.#kinds.keys()] : [...kinds]
    if (asked.length === 0) return unknown('not looked at yet')
    for (const key of asked) {
      const sight = this.#kinds.get(key)?.sight ?? unknown(notWatched(key))
      if (!sight.known) return sight
    }
    return known(Array.from(this.#items.get(deliveryUid) ?? [], ([key, item]) => this.#show(key, item)))
  }

  /** An autoscaler was seen to set the number of replicas of this object, or was seen to have let go of it. */
  noteScaled(key: string, scaled: boolean): void {
    if (scaled) this.#scaled.add(key)
    else this.#scaled.delete(key)
  }

  close(): void {
    this.#ended.abort(new Error('no longer watched'))
    for (const watch of this.#kinds.values()) watch.close()
  }

  #watchKind(kind: WatchedKind): KindWatch {
    return new KindWatch({
      client: this.client,
      kind,
      hashKey: this.#options.hashKey,
      clock: this.#options.clock,
      signal: this.#ended.signal,
      onState: this.#options.onState,
      onItem: (key, before, after) => this.#put(key, before, after),
    })
  }

  #put(key: string, before: LiveItem | undefined, after: LiveItem | undefined): void {
    if (before !== undefined && before.deliveryUid !== after?.deliveryUid) {
      const items = this.#items.get(before.deliveryUid)
      items?.delete(key)
      if (items?.size === 0) this.#items.delete(before.deliveryUid)
      this.#options.onChange(before.deliveryUid)
    }
    if (after === undefined) {
      this.#explained.delete(key)
      this.#scaled.delete(key)
      return
    }
    const items = this.#items.get(after.deliveryUid) ?? new Map<string, LiveItem>()
    this.#items.set(after.deliveryUid, items)
    items.set(key, after)
    if (after.podSelector === undefined) this.#explained.delete(key)
    else this.#explainer.nudge()
    this.#options.onChange(after.deliveryUid)
  }

  #show(key: string, { live, hashWithoutReplicas, podSelector }: LiveItem): LiveObject {
    const explained = podSelector === undefined ? undefined : this.#explained.get(key)
    const scaled = hashWithoutReplicas !== undefined && this.#scaled.has(key)
    if (explained === undefined && !scaled) return live
    return {
      ...live,
      ...(explained === undefined ? {} : { health: explained }),
      ...(scaled ? { contentHash: hashWithoutReplicas, scaledByOther: true } : {}),
    }
  }

  *#unwell(): Iterable<UnwellWorkload> {
    for (const items of this.#items.values()) {
      for (const [key, { live, ownHealth, podSelector }] of items) {
        if (podSelector === undefined) continue
        yield { key, namespace: live.ref.namespace, selector: podSelector, health: ownHealth }
      }
    }
  }

  #explain(key: string, health: Health): void {
    for (const [deliveryUid, items] of this.#items) {
      const item = items.get(key)
      if (item?.podSelector === undefined) continue
      const before = this.#explained.get(key) ?? item.ownHealth
      this.#explained.set(key, health)
      if (before.state !== health.state || before.message !== health.message) this.#options.onChange(deliveryUid)
    }
  }
}

const notWatched = (key: string): string =>
  `${key.slice(key.indexOf('/') + 1)}: not watched; one delivery may have ${mostKinds} kinds at most`
