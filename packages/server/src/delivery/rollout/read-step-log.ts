import type { RouteResult } from '@flotilla/api'
import type { Rollout, RolloutDocument, StepRef } from '@flotilla/model'
import { computeStepsInHand } from '@flotilla/reconcile'
import { targetKey } from '@flotilla/model'
import type { StepLogs } from '../../store/step-logs.ts'

/** What a step printed, as it was kept when it ended. While it runs, its log is that of its pod. */
export async function readStepLog(
  logs: Pick<StepLogs, 'get' | 'list'>,
  {
    rollout,
    document,
    ref,
    attempt,
  }: {
    readonly rollout: Rollout
    readonly document: RolloutDocument | undefined
    readonly ref: StepRef
    readonly attempt: number | undefined
  },
): Promise<RouteResult<'rollouts.log'> | undefined> {
  const { uid = '' } = rollout.metadata
  const where = ref.target === undefined ? '-/-' : targetKey(ref.target)
  const isThis = (key: string): boolean => key.includes(`/${ref.stage}/${where}/`) && key.includes(`/${ref.step}/`)
  const kept = (await logs.list(uid)).filter(({ step }) => isThis(step))
  const found = kept
    .filter((entry) => attempt === undefined || entry.attempt === attempt)
    .sort((a, b) => b.attempt - a.attempt)[0]
  if (found !== undefined) {
    const log = await logs.get(uid, found.step, found.attempt)
    return log === undefined ? undefined : { text: log.text, attempt: log.attempt, at: log.at, running: false }
  }
  const running =
    document === undefined ? undefined : computeStepsInHand(rollout, document).find(({ key }) => isThis(key))
  return running === undefined ? undefined : { text: '', attempt: running.attempt, at: running.since, running: true }
}
