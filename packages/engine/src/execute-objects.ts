import type { KubeClient } from '@flotilla/kube'
import {
  asFlotillaError,
  fieldManager,
  type FlotillaError,
  type Known,
  type KubeObject,
  type ObjectRef,
  refKey,
  refOf,
} from '@flotilla/model'
import { contentHash } from './content-hash.ts'
import { failpoint } from './failpoint.ts'

/** Which version of an object is in a cluster, as a watch last saw it. */
export interface LiveVersion {
  readonly uid: string
  readonly resourceVersion: string
}

/** What was written last, per object of one cluster. Lost with the process: the first pass after a start applies again. */
export class AppliedMemory {
  readonly #entries = new Map<string, { hash: string; version: LiveVersion }>()

  isCurrent(key: string, hash: string, live: LiveVersion): boolean {
    const entry = this.#entries.get(key)
    return (
      entry?.hash === hash && entry.version.uid === live.uid && entry.version.resourceVersion === live.resourceVersion
    )
  }

  remember(key: string, hash: string, version: LiveVersion): void {
    this.#entries.set(key, { hash, version })
  }

  /** What was written last; undefined when that is not known. */
  written(key: string): LiveVersion | undefined {
    return this.#entries.get(key)?.version
  }

  forget(key: string): void {
    this.#entries.delete(key)
  }

  get size(): number {
    return this.#entries.size
  }
}

/** The status of a ResourceQuota moves with every pod: of these only what was asked for makes a version. */
export function liveVersionOf({ kind, metadata, spec }: KubeObject): LiveVersion {
  const { uid = '', resourceVersion = '', labels, annotations } = metadata
  return {
    uid,
    resourceVersion: kind === 'ResourceQuota' ? contentHash({ labels, annotations, spec }) : resourceVersion,
  }
}

export interface ExecuteObjectsOptions {
  readonly client: KubeClient
  /** In the order in which they are to be there. */
  readonly objects: readonly KubeObject[]
  readonly memory: AppliedMemory
  /** What a watch sees of the object; without it, or while it does not know, every object is applied. */
  readonly live?: (ref: ObjectRef) => Known<LiveVersion | undefined>
  readonly signal: AbortSignal
  /** Takes fields over from other managers; true when left out. */
  readonly force?: boolean
}

export interface ExecuteOutcome {
  readonly applied: readonly ObjectRef[]
  /** Objects for which no request was made: nothing of ours changed, and nothing of theirs. */
  readonly skipped: number
  readonly failures: readonly { readonly ref: ObjectRef; readonly error: FlotillaError }[]
}

/**
 * Makes the objects of one cluster what they should be, by server-side apply. An object that cannot be written is
 * reported and the others go on, but a lost connection ends the pass.
 */
export async function executeObjects(options: ExecuteObjectsOptions): Promise<ExecuteOutcome> {
  const { client, memory, signal } = options
  const applied: ObjectRef[] = []
  const failures: { ref: ObjectRef; error: FlotillaError }[] = []
  let skipped = 0
  for (const object of options.objects) {
    signal.throwIfAborted()
    const ref = refOf(object)
    const key = refKey(ref)
    const hash = contentHash(object)
    const live = options.live?.(ref)
    if (live?.known && live.value !== undefined && memory.isCurrent(key, hash, live.value)) {
      skipped++
      continue
    }
    try {
      const written = await client.apply(object, { fieldManager, force: options.force ?? true, signal })
      memory.remember(key, hash, liveVersionOf(written))
      applied.push(ref)
      failpoint('object-applied')
    } catch (thrown) {
      signal.throwIfAborted()
      memory.forget(key)
      const error = asFlotillaError(thrown)
      failures.push({ ref, error })
      if (error.code.startsWith('cluster.')) break
    }
  }
  return { applied, skipped, failures }
}
