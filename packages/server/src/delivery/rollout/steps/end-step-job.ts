import { failpoint } from '@flotilla/engine'
import type { Clock, KubeClient } from '@flotilla/kube'
import type { KubeObject } from '@flotilla/model'
import { outcomeOfRun, type StepInHand } from '@flotilla/reconcile'
import { stopJob, takeFinalizerOff } from '../../runs/let-go-of-run.ts'
import { podsOf, readPodLog } from '../../runs/run-log.ts'
import { stepFinalizer } from '../../runs/step-run.ts'
import type { StepJob } from './step-job.ts'
import type { StepContext, StepDeps } from './step-runner.ts'
import { tellOf } from './step-telling.ts'

/** Keeps what the Job's pod wrote, and ends what still runs of it. False: it was ended in the middle of its work. */
export async function closeStepJob(
  { sets, logs, clock }: Pick<StepDeps, 'sets' | 'logs'> & { readonly clock: Clock },
  client: KubeClient,
  job: KubeObject,
  step: StepInHand,
  context: StepContext,
  signal: AbortSignal,
): Promise<boolean> {
  const [pod] = await podsOf(client, job, signal)
  const key = { rolloutUid: context.rollout.uid, step: step.key, attempt: step.attempt }
  // whoever was killed here once has its log already, and the pods may be gone
  const kept = pod === undefined && (await logs.get(key.rolloutUid, key.step, key.attempt)) !== undefined
  if (!kept) {
    const text =
      pod === undefined ? '[it had no pod]\n' : await readPodLog(client, pod, await tellOf(sets, step.place), signal)
    await logs.put({ ...key, projectUid: context.project.uid, text, at: new Date(clock.now()).toISOString() })
  }
  failpoint('step-log-kept')
  if (outcomeOfRun(job) !== 'running') return true
  await stopJob(client, job, clock, signal)
  failpoint('step-job-stopped')
  return false
}

/** All that is to be known of it is recorded: the Job goes, and its pods with it. */
export async function removeStepJob(
  client: KubeClient,
  job: KubeObject,
  { ref }: Pick<StepJob, 'ref'>,
  signal: AbortSignal,
): Promise<void> {
  await takeFinalizerOff(client, job, ref, stepFinalizer, signal)
  failpoint('step-job-let-go')
  await client.delete(ref, { uid: job.metadata.uid, propagation: 'Background', signal })
  failpoint('step-job-removed')
}
