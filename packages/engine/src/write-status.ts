import type { CallOptions, KubeClient } from '@flotilla/kube'
import { type KubeObject, canonicalJson } from '@flotilla/model'

/** An object as it was read, of a kind with a status. */
export interface WithStatus<Status> {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly resourceVersion?: string | undefined }
  readonly status?: Status | undefined
}

/**
 * Writes the status of an object as it was read, or nothing when that is what it says already. Fails with
 * `kube.conflict` when the object changed since: a decision on an older state is never written over a newer one.
 * @returns whether a request was made
 */
export async function writeStatus<Status>(
  client: KubeClient,
  object: WithStatus<Status>,
  status: Status,
  options?: CallOptions,
): Promise<boolean> {
  if (canonicalJson(object.status ?? {}) === canonicalJson(status)) return false
  // the status subresource ignores everything else but the resourceVersion
  await client.replaceStatus({ ...(object as unknown as KubeObject), status }, options)
  return true
}
