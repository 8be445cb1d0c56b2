import { asFlotillaError, type JobStep, type ObjectRef } from '@flotilla/model'
import type { StepInHand, StepSight } from '@flotilla/reconcile'
import { observeRun, type RunSight } from '../../runs/observe-run.ts'
import { stepRunAnnotation } from '../../runs/step-run.ts'
import { createStepJob, isJobOf } from './create-step-job.ts'
import { closeStepJob, removeStepJob } from './end-step-job.ts'
import { memberOfStep } from './member-of-step.ts'
import { computeStepJob, jobName } from './step-job.ts'
import { holderOf, type Refusals, type StepContext, type StepDeps, type StepRunner } from './step-runner.ts'
import { tellOf } from './step-telling.ts'

/** Runs what a plan gives as a pod template once, as a Job in the step's place. */
export function createJobRunner(
  deps: StepDeps,
  refusals: Refusals,
  jobOf: (step: StepInHand) => Pick<JobStep, 'template' | 'imagesOf'>,
): StepRunner {
  return {
    begin: async (step, context, signal) => {
      const holder = holderOf(step, context)
      const client = memberOfStep(deps, step, context)
      try {
        const refused = await createStepJob(client, computeStepJob(step, context, jobOf(step)), holder, signal)
        if (refused !== undefined) refusals.add(holder, refused)
      } catch (thrown) {
        const error = asFlotillaError(thrown)
        if (error.code !== 'input.invalid') throw error
        refusals.add(holder, error)
      }
    },
    see: async (step, context, signal) => {
      return sightOfJob(await observeStepJob(deps, step, context, signal), step, jobName(step, context))
    },
    letGo: async (step, context, signal) => {
      const client = memberOfStep(deps, step, context)
      const ref = refOfJob(step, context)
      const job = await client.find(ref, { signal })
      if (job === undefined || !isJobOf(job, holderOf(step, context))) return
      const ended = await closeStepJob(deps, client, job, step, context, signal)
      const now = ended ? job : await client.find(ref, { signal })
      if (now !== undefined) await removeStepJob(client, now, { ref }, signal)
    },
  }
}

export const refOfJob = (step: StepInHand, context: StepContext): ObjectRef => ({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  namespace: step.place.namespace,
  name: jobName(step, context),
})

/** What the cluster shows of the Job of a step. */
export function observeStepJob(
  deps: Pick<StepDeps, 'fleet' | 'sets'>,
  step: StepInHand,
  context: StepContext,
  signal: AbortSignal,
): Promise<RunSight> {
  const run = { ref: refOfJob(step, context), annotation: stepRunAnnotation, key: holderOf(step, context) }
  return observeRun(memberOfStep(deps, step, context), run, () => tellOf(deps.sets, step.place), signal)
}

export function sightOfJob(sight: RunSight, { place }: StepInHand, name: string): StepSight {
  const job = { cluster: place.cluster, namespace: place.namespace, name }
  switch (sight.state) {
    case 'absent':
      return sight
    case 'other':
      return {
        state: 'failed',
        message: `a Job of the same name that is not labelled as ours is in ${place.namespace}`,
      }
    case 'running':
      return { state: 'running', waitingFor: `its Job on ${place.cluster}: ${sight.message}`, job }
    case 'succeeded':
      return { ...sight, job }
    case 'failed':
      return { state: 'failed', message: sight.message, job }
    default:
      return sight satisfies never
  }
}
