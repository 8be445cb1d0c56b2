import { failpoint } from '@flotilla/engine'
import { asFlotillaError, fieldManager, labels, type ObjectRef, refText } from '@flotilla/model'
import type { DoomedObject, EffectResult, ObjectFailure } from '@flotilla/reconcile'
import type { Workbench } from './deps.ts'
import { atOnce, isTransport } from './dry-run-objects.ts'
import { inParallel } from './in-parallel.ts'

/** Deletes exactly these objects, kind after kind; one made anew under the same name since is left alone. */
export async function pruneObjects(bench: Workbench, objects: readonly DoomedObject[]): Promise<EffectResult> {
  const failures: ObjectFailure[] = []
  for (const kind of groupByKind(objects)) {
    const outcomes = await inParallel(kind, atOnce, (object) => deleteOne(bench, object))
    failures.push(...outcomes.filter((outcome) => outcome !== undefined))
  }
  return { kind: 'failures', failures, skipped: [] }
}

function groupByKind(objects: readonly DoomedObject[]): DoomedObject[][] {
  const groups: DoomedObject[][] = []
  for (const object of objects) {
    const last = groups.at(-1)
    if (last?.[0]?.ref.kind === object.ref.kind) last.push(object)
    else groups.push([object])
  }
  return groups
}

async function deleteOne(bench: Workbench, { ref, uid: seen }: DoomedObject): Promise<ObjectFailure | undefined> {
  const { client, signal, counters } = bench
  try {
    const uid = seen ?? (await findOwnUid(bench, ref))
    if (uid === undefined) return undefined
    counters.add('deletes')
    await client.delete(ref, { uid, propagation: 'Background', signal })
    failpoint('delivery-object-pruned')
    return undefined
  } catch (thrown) {
    signal.throwIfAborted()
    const error = asFlotillaError(thrown)
    // its kind went with its definition, or another object took its name
    if (error.code === 'kube.kind_not_served' || error.code === 'kube.conflict') return undefined
    if (isTransport(error)) throw error
    return {
      ref,
      code: error.code,
      message: `${refText(ref)} cannot be deleted: ${error.message}`,
      remedy: error.remedy,
    }
  }
}

/** Undefined when it is not there, or does not carry our label any more: then it is somebody else's. */
async function findOwnUid(
  { client, delivery, signal, counters }: Workbench,
  ref: ObjectRef,
): Promise<string | undefined> {
  counters.add('reads')
  const object = await client.find(ref, { signal })
  const owner = object?.metadata.labels?.[labels.delivery]
  return owner !== undefined && owner === delivery.metadata.uid ? object?.metadata.uid : undefined
}

/** Takes our labels off: the objects stay, and are nobody's. Gives those that the cluster would not let go of. */
export async function releaseObjects(bench: Workbench, refs: readonly ObjectRef[]): Promise<readonly ObjectFailure[]> {
  const { client, signal } = bench
  const nothing = { [labels.delivery]: null, [labels.application]: null, [labels.component]: null }
  const outcomes = await inParallel(refs, atOnce, async (ref): Promise<ObjectFailure | undefined> => {
    try {
      await client.patch(ref, { type: 'merge', body: { metadata: { labels: nothing } } }, { fieldManager, signal })
      failpoint('delivery-object-released')
      return undefined
    } catch (thrown) {
      signal.throwIfAborted()
      const error = asFlotillaError(thrown)
      const { code, message, remedy } = error
      if (code === 'kube.not_found' || code === 'kube.kind_not_served') return undefined
      if (isTransport(error) || code === 'kube.conflict') throw thrown
      return { ref, code, message: `${refText(ref)}: ${message}`, remedy }
    }
  })
  return outcomes.filter((outcome) => outcome !== undefined)
}
