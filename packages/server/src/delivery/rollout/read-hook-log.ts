import type { RouteResult } from '@flotilla/api'
import { type Rollout, type RolloutDocument, type TargetRef, targetKey } from '@flotilla/model'
import { isHookOf } from '@flotilla/reconcile'
import type { HostState } from '../../fleet/host-state.ts'
import type { StepLogs } from '../../store/step-logs.ts'

export interface HookLogQuestion {
  readonly rollout: Rollout
  readonly document: RolloutDocument | undefined
  readonly target: TargetRef
  /** Its name in the chart. */
  readonly hook: string
  /** As people count, from 1; the last one when absent. */
  readonly attempt: number | undefined
}

/** What a hook of a chart that migrates printed in a target of a rollout, as the Delivery there kept it when the hook ended. */
export async function readHookLog(
  logs: Pick<StepLogs, 'get' | 'list'>,
  deliveries: Pick<HostState['deliveries'], 'get'>,
  { rollout, document, target, hook, attempt }: HookLogQuestion,
): Promise<RouteResult<'rollouts.log'> | undefined> {
  const key = targetKey(target)
  const place = document?.targets.find((one) => targetKey(one) === key)
  const uid = place && deliveries.get(rollout.metadata.namespace ?? '', place.delivery)?.metadata.uid
  if (uid === undefined) return undefined
  // a Delivery outlives its rollouts: only what came with this one is meant
  const brought = place?.want?.components ?? []
  const runs = (await logs.list(uid))
    .filter(({ step: id }) => nameOf(id) === hook && brought.some(({ digest }) => isHookOf({ id }, digest)))
    .sort((a, b) => (a.at < b.at ? -1 : 1))
  const number = attempt ?? runs.length
  const found = runs[number - 1]
  const log = found && (await logs.get(uid, found.step, found.attempt))
  return log && { text: log.text, attempt: number, at: log.at, running: false }
}

/** Of `<component>@<digest>/<event>/<kind>/<name>/<run>`. */
const nameOf = (step: string): string | undefined => step.split('/')[3]
