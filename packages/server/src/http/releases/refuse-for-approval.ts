import { FlotillaError, type Rollout, type StepRef } from '@flotilla/model'
import { stepsOfStage, whoMay } from '@flotilla/reconcile'
import type { HttpDeps } from '../deps.ts'

/**
 * Nobody goes past an approval but by giving it: whoever wrote the release could send it out alone else. The engine holds to it
 * too; this says so to who asks. Errors: `request.conflict`.
 */
export async function refuseForApproval(
  { rolloutDocuments }: Pick<HttpDeps, 'rolloutDocuments'>,
  { status }: Rollout,
  ref: StepRef,
): Promise<void> {
  const digest = status?.snapshot?.document
  const document = digest === undefined ? undefined : await rolloutDocuments.get(digest)
  const each = ref.target !== undefined
  const rule = document?.plan.stages
    .flatMap((stage, index) => (stage.name === ref.stage ? stepsOfStage(stage, index) : []))
    .find((planned) => planned.each === each && planned.step.name === ref.step)?.step.approval
  if (rule === undefined) return
  throw new FlotillaError('request.conflict', {
    message: 'An approval is given, not skipped',
    field: 'step',
    value: ref.step,
    remedy: `Ask ${whoMay(rule)}, or an administrator changes the plan, for the next rollout`,
  })
}
