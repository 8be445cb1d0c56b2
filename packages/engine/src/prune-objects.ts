import type { KubeClient } from '@flotilla/kube'
import { asFlotillaError, type FlotillaError, type Known, type ObjectRef, refKey } from '@flotilla/model'

/** An object that is there and is ours by its labels. */
export interface OwnedObject {
  readonly ref: ObjectRef
  readonly uid: string
  readonly deleting: boolean
}

export interface PruneOutcome {
  /** Went, or is on its way. */
  readonly gone: readonly ObjectRef[]
  readonly failures: readonly { readonly ref: ObjectRef; readonly error: FlotillaError }[]
}

/**
 * What of ours is there but no longer wanted. Nothing while either side is unknown: an unreachable cluster is not an
 * empty one, and a failed decision does not want nothing.
 */
export function computeAbsentees(
  wanted: Known<readonly ObjectRef[]>,
  owned: Known<readonly OwnedObject[]>,
): readonly OwnedObject[] {
  if (!wanted.known || !owned.known) return []
  const keys = new Set(wanted.value.map(refKey))
  return owned.value.filter(({ ref, deleting }) => !deleting && !keys.has(refKey(ref)))
}

/** Deletes exactly these objects: one that was made anew under the same name since is left alone. */
export async function pruneObjects(
  client: KubeClient,
  absentees: readonly OwnedObject[],
  signal: AbortSignal,
): Promise<PruneOutcome> {
  const gone: ObjectRef[] = []
  const failures: { ref: ObjectRef; error: FlotillaError }[] = []
  for (const { ref, uid } of absentees) {
    signal.throwIfAborted()
    try {
      await client.delete(ref, { uid, signal })
      gone.push(ref)
    } catch (thrown) {
      signal.throwIfAborted()
      const error = asFlotillaError(thrown)
      failures.push({ ref, error })
      if (error.code.startsWith('cluster.')) break
    }
  }
  return { gone, failures }
}
