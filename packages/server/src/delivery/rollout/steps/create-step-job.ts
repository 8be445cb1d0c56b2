import { failpoint } from '@flotilla/engine'
import { type KubeClient, KubeError } from '@flotilla/kube'
import { asFlotillaError, FlotillaError, fieldManager, type KubeObject, refText } from '@flotilla/model'
import { isTransport } from '../../delivery/dry-run-objects.ts'
import { stepRunAnnotation } from '../../runs/step-run.ts'
import { tryRun } from '../../runs/try-run.ts'
import type { StepJob } from './step-job.ts'

export const isJobOf = ({ metadata }: KubeObject, holder: string): boolean =>
  metadata.annotations?.[stepRunAnnotation] === holder

/**
 * Creates the Job, unless it is there. Gives why it never will be; errors are those of a cluster that cannot be asked, or that has
 * somebody else at the same work.
 */
export async function createStepJob(
  client: KubeClient,
  { object, ref }: StepJob,
  holder: string,
  signal: AbortSignal,
): Promise<FlotillaError | undefined> {
  try {
    const existing = await client.find(ref, { signal })
    if (existing !== undefined) return isJobOf(existing, holder) ? undefined : taken(refText(ref))
    const insecure = await tryRun(client, ref, object, signal)
    if (insecure !== undefined) return new FlotillaError('delivery.object_refused', { message: insecure })
    await client.create(object, { signal, fieldManager })
    failpoint('step-job-created')
    return undefined
  } catch (thrown) {
    signal.throwIfAborted()
    const error = asFlotillaError(thrown)
    // the same run, begun twice at once: one of both came first
    if (error instanceof KubeError && error.reason === 'AlreadyExists') return undefined
    if (isTransport(error) || error.code === 'kube.conflict') throw error
    return error
  }
}

const taken = (name: string): FlotillaError =>
  new FlotillaError('delivery.owned_by_other', {
    message: `${name} is there already, and this rollout did not make it`,
    remedy: 'Delete it if it is not needed, then retry',
  })
