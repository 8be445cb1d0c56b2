import type { KubeClient } from '@flotilla/kube'
import { fieldManager, type KubeObject, type ObjectRef } from '@flotilla/model'
import { findPodSecurityFailure, podSecurityRemedy } from '../delivery/pod-security.ts'

/**
 * Asks the member, by a dry-run, whether what is to run may be created. Gives why its pods would be refused: Kubernetes takes such a
 * Job, and it would be waited for until its time is up. What the member refuses at once is thrown.
 */
export async function tryRun(
  client: KubeClient,
  ref: ObjectRef,
  object: KubeObject,
  signal: AbortSignal,
): Promise<string | undefined> {
  const warnings: string[] = []
  await client.create(object, { dryRun: true, fieldManager, signal, onWarning: (text) => warnings.push(text) })
  const failure = await findPodSecurityFailure(client, ref, warnings, signal)
  return failure === undefined ? undefined : `${failure.message}. ${podSecurityRemedy}`
}
