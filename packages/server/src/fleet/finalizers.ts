import type { KubeClient } from '@flotilla/kube'
import { asFlotillaError, finalizer, type KubeObject, refOf } from '@flotilla/model'

/** An object as it was read; only its metadata matters here. */
interface Finalizable {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: KubeObject['metadata'] | { name: string; finalizers?: string[] | undefined }
}

/** @returns the object with its new resourceVersion, for the writes that follow in the same pass */
export async function addFinalizer<T extends Finalizable>(
  client: KubeClient,
  object: T,
  signal: AbortSignal,
): Promise<T> {
  const finalizers = [...(object.metadata.finalizers ?? []), finalizer]
  return patchFinalizers(client, object, finalizers, signal)
}

/** An object that is gone already is as good. */
export async function removeFinalizer<T extends Finalizable>(
  client: KubeClient,
  object: T,
  signal: AbortSignal,
): Promise<void> {
  const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer)
  try {
    await patchFinalizers(client, object, finalizers, signal)
  } catch (thrown) {
    if (asFlotillaError(thrown).code !== 'kube.not_found') throw thrown
  }
}

async function patchFinalizers<T extends Finalizable>(
  client: KubeClient,
  object: T,
  finalizers: string[],
  signal: AbortSignal,
): Promise<T> {
  const read = object as unknown as KubeObject
  // with its resourceVersion, so that a finalizer that somebody else added meanwhile is not lost
  const { resourceVersion } = read.metadata
  const body = { metadata: { finalizers, ...(resourceVersion === undefined ? {} : { resourceVersion }) } }
  const { metadata } = await client.patch(refOf(read), { type: 'merge', body }, { signal })
  return { ...object, metadata: { ...object.metadata, finalizers, resourceVersion: metadata.resourceVersion } }
}
