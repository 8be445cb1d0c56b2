import type { KubeClient } from '@flotilla/kube'
import type { HookInHand } from '@flotilla/model'
import { hookRunAnnotation, type HookSight } from '@flotilla/reconcile'
import { observeRun } from '../runs/observe-run.ts'
import type { Telling } from '../runs/run-log.ts'

/** What the object of a hook in hand says now. */
export async function seeHook(
  client: KubeClient,
  hook: HookInHand,
  telling: Telling,
  signal: AbortSignal,
): Promise<HookSight> {
  const run = { ref: hook, annotation: hookRunAnnotation, key: hook.key }
  const sight = await observeRun(client, run, async () => telling, signal)
  switch (sight.state) {
    case 'failed':
      return { state: sight.cut && hook.migration !== undefined ? 'uncertain' : 'failed', message: sight.message }
    case 'running':
      return { state: 'running' }
    case 'absent':
    case 'other':
    case 'succeeded':
      return sight
    default:
      return sight satisfies never
  }
}
