import type { KubeClient } from '@flotilla/kube'
import { asFlotillaError, type FlotillaError, type ObjectRef } from '@flotilla/model'
import { failpoint } from './failpoint.ts'

/** An object that a decision said should go. */
export interface PrunableObject {
  readonly ref: ObjectRef
  readonly uid: string
}

export interface PruneOutcome {
  /** Went, or is on its way. */
  readonly gone: readonly ObjectRef[]
  readonly failures: readonly { readonly ref: ObjectRef; readonly error: FlotillaError }[]
}

/** Deletes exactly these objects: one that was made anew under the same name since is left alone. */
export async function pruneObjects(
  client: KubeClient,
  absentees: readonly PrunableObject[],
  signal: AbortSignal,
): Promise<PruneOutcome> {
  const gone: ObjectRef[] = []
  const failures: { ref: ObjectRef; error: FlotillaError }[] = []
  for (const { ref, uid } of absentees) {
    signal.throwIfAborted()
    try {
      await client.delete(ref, { uid, signal })
      gone.push(ref)
      failpoint('object-pruned')
    } catch (thrown) {
      signal.throwIfAborted()
      const error = asFlotillaError(thrown)
      failures.push({ ref, error })
      if (error.code.startsWith('cluster.')) break
    }
  }
  return { gone, failures }
}
