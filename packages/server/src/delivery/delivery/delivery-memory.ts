import {
  asFlotillaError,
  type Delivery,
  type DeliveryStatus,
  type FlotillaError,
  type HookInHand,
} from '@flotilla/model'
import { type EffectResult, type Inventory, isAtLeast, isHookOf, type ObjectFailure } from '@flotilla/reconcile'
import { redactError, redactor } from '@flotilla/render'
import type { StoredSet } from '../rendered-set.ts'
import { secretsOf } from '../secrets-of.ts'

/** Results beyond these are those of long ago. */
const mostResults = 5_000
/** What an apply left is looked at while its attempt, or its repair, is in hand; it has an entry for each object. */
const mostApplied = 4
const noSecrets: readonly string[] = []
/** As objects they take about twice that. */
const mostSetBytes = 128 * 1024 * 1024

/** What this process knows of one Delivery beyond what is written. All of it may be lost at any moment. */
export class DeliveryMemory {
  readonly results = new Map<string, EffectResult>()
  /** What was read or written last, and when by `Clock.elapsed`; undefined when it has to be read. */
  inventory: { readonly value: Inventory | undefined; readonly at: number } | undefined
  blindSince: string | undefined
  /** Why the last effect came to nothing; undefined once one came through. */
  trouble: string | undefined
  /** Digests whose blob is gone, and when by `Clock.elapsed` that was found: it may be rendered anew. */
  readonly missingSets = new Map<string, number>()
  /** Keys of what applies left, oldest first. */
  readonly #applied = new Set<string>()
  /** As our own last write left it: the watch may be behind. */
  #own: Delivery | undefined
  /** How far its work got since then, unwritten. */
  #progress: DeliveryStatus | undefined
  /** When by `Clock.elapsed` its status was written last. */
  writtenAt = 0
  /** By the digest of the set that holds them. */
  #secretsOf: ReadonlyMap<string, readonly string[]> = new Map()
  #secrets = noSecrets
  #clean = redactor(noSecrets)

  /**
   * What these sets hold as secret is taken out of what the cluster says from now on, and what was known of sets that are
   * still current; the others are forgotten. A set that is not loaded may well be current: its secrets are kept.
   */
  hide(loaded: ReadonlyMap<string, StoredSet>, isCurrent: (digest: string) => boolean): void {
    const before = this.#secretsOf
    const known = new Map([...before].filter(([digest]) => isCurrent(digest)))
    for (const [digest, set] of loaded) known.set(digest, secretsOf(set))
    if (known.size === before.size && [...known].every(([digest, secrets]) => before.get(digest) === secrets)) return
    this.#secretsOf = known
    this.#secrets = [...new Set([...known.values()].flat())]
    this.#clean = redactor(this.#secrets)
  }

  /** False where its set was not loaded since this process began: then nobody knows what it must not tell. */
  knowsSecretsOf(hook: HookInHand): boolean {
    return [...this.#secretsOf.keys()].some((digest) => isHookOf(hook, digest))
  }

  /** What the cluster said, without what must not be shown. */
  clean(text: string): string {
    return this.#clean(text)
  }

  cleanError(thrown: unknown): FlotillaError {
    return asFlotillaError(redactError(asFlotillaError(thrown), this.#secrets))
  }

  remember(key: string, given: EffectResult): void {
    const result = withCleanMessages(given, this.#clean)
    this.results.delete(key)
    this.results.set(key, result)
    const [oldest] = this.results.keys()
    if (this.results.size > mostResults && oldest !== undefined) this.results.delete(oldest)
    if (result.kind !== 'applied') return
    this.#applied.delete(key)
    this.#applied.add(key)
    const [longAgo] = this.#applied
    if (this.#applied.size <= mostApplied || longAgo === undefined) return
    this.#applied.delete(longAgo)
    this.results.delete(longAgo)
  }

  wrote(delivery: Delivery): void {
    this.#own = delivery
    this.#progress = undefined
  }

  /** Goes on from this status although it is not written: losing it costs doing something once more. */
  advance(delivery: Delivery, status: DeliveryStatus): void {
    this.#own = delivery
    this.#progress = status
  }

  /** The newer of what the watch shows and what we wrote, with what came of it since. */
  newest(seen: Delivery): Delivery {
    const own = this.#own
    if (own === undefined || own.metadata.uid !== seen.metadata.uid) return seen
    const { resourceVersion = '' } = seen.metadata
    const ownVersion = own.metadata.resourceVersion ?? ''
    if (resourceVersion !== ownVersion && isAtLeast(resourceVersion, ownVersion)) {
      // somebody else wrote since: only that counts
      this.#progress = undefined
      return seen
    }
    return this.#progress === undefined ? own : { ...own, status: this.#progress }
  }

  /** True where its work got further than its written status says. */
  get isAhead(): boolean {
    return this.#progress !== undefined
  }

  /** After a conflict only what the watch shows counts. */
  forgetWritten(): void {
    this.#own = undefined
    this.#progress = undefined
  }
}

function withCleanMessages(result: EffectResult, clean: (text: string) => string): EffectResult {
  if (result.kind === 'refused') return { ...result, message: clean(result.message) }
  if (!('failures' in result) || result.failures.length === 0) return result
  return { ...result, failures: result.failures.map((failure) => withCleanMessage(failure, clean)) }
}

/** Cleaned when it is read: of a thousand failures only the first ones are shown. */
function withCleanMessage(failure: ObjectFailure, clean: (text: string) => string): ObjectFailure {
  const { ref, code, remedy } = failure
  return {
    ref,
    code,
    ...(remedy === undefined ? {} : { remedy }),
    get message() {
      return clean(failure.message)
    },
  }
}

/** Digests of what is wanted and of what is there. */
export function digestsOf({ spec, status }: Delivery, { inventory }: DeliveryMemory): Set<string> {
  const wanted = spec.desired?.components ?? []
  const there = Object.values(inventory?.value?.components ?? {})
  // where the inventory was damaged, only the status knows what was delivered
  const told = (status?.components ?? []).flatMap(({ digest }) => (digest === undefined ? [] : [digest]))
  return new Set([...[...wanted, ...there].map(({ digest }) => digest), ...told])
}

interface HeldSet {
  readonly set: StoredSet
  readonly bytes: number
}

/** Loaded sets by digest, the most recently used of all Deliveries, up to a number of bytes of JSON. */
export class SetCache {
  readonly #sets = new Map<string, HeldSet>()
  readonly #mostBytes: number
  #bytes = 0

  constructor(mostBytes = mostSetBytes) {
    this.#mostBytes = mostBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  get(digest: string): StoredSet | undefined {
    const held = this.#sets.get(digest)
    if (held === undefined) return undefined
    this.#sets.delete(digest)
    this.#sets.set(digest, held)
    return held.set
  }

  /** Drops the others until it fits; never one of `together`, which are needed at once. */
  put(digest: string, held: HeldSet, together: ReadonlySet<string>): void {
    this.#drop(digest)
    this.#sets.set(digest, held)
    this.#bytes += held.bytes
    for (const oldest of this.#sets.keys()) {
      if (this.#bytes <= this.#mostBytes) return
      if (oldest !== digest && !together.has(oldest)) this.#drop(oldest)
    }
  }

  #drop(digest: string): void {
    this.#bytes -= this.#sets.get(digest)?.bytes ?? 0
    this.#sets.delete(digest)
  }
}
