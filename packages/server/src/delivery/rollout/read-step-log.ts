import type { RouteResult } from '@flotilla/api'
import type { Rollout, RolloutDocument, StepRef } from '@flotilla/model'
import { computeStepsInHand } from '@flotilla/reconcile'
import { targetKey } from '@flotilla/model'
import type { StepLogs } from '../../store/step-logs.ts'

export interface StepLogQuestion {
  readonly rollout: Rollout
  readonly document: RolloutDocument | undefined
  readonly ref: StepRef
  /** As people count, from 1; the last one when absent. */
  readonly attempt: number | undefined
}

/** What a step printed, as it was kept when it ended. While it runs, its log is that of its pod. */
export async function readStepLog(
  logs: Pick<StepLogs, 'get' | 'list'>,
  { rollout, document, ref, attempt }: StepLogQuestion,
): Promise<RouteResult<'rollouts.log'> | undefined> {
  const { uid = '' } = rollout.metadata
  const isMeant = (one: { readonly attempt: number }): boolean => attempt === undefined || one.attempt === attempt - 1
  const found = (await logs.list(uid))
    .filter((entry) => isOf(entry.step, ref) && isMeant(entry))
    .sort((a, b) => b.attempt - a.attempt)[0]
  if (found !== undefined) {
    const log = await logs.get(uid, found.step, found.attempt)
    return log === undefined ? undefined : { text: log.text, attempt: log.attempt + 1, at: log.at, running: false }
  }
  const inHand = document === undefined ? [] : computeStepsInHand(rollout, document)
  const running = inHand.find((step) => isOf(step.key, ref) && isMeant(step))
  return running === undefined
    ? undefined
    : { text: '', attempt: running.attempt + 1, at: running.since, running: true }
}

/** A key is `<rollout uid>/<stage>/<cluster>/<namespace>/<list>/<step>/<attempt>`, with `-` for the target of a stage's own step. */
function isOf(key: string, ref: StepRef): boolean {
  const [, stage, cluster, namespace, , step] = key.split('/')
  const where = ref.target === undefined ? '-/-' : targetKey(ref.target)
  return stage === ref.stage && `${cluster}/${namespace}` === where && step === ref.step
}
