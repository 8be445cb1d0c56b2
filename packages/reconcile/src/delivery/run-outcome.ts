import { isRecord, type KubeObject } from '@flotilla/model'
import { readList } from '../health/read-field.ts'

export type RunOutcome = 'running' | 'succeeded' | 'failed'

/** As Helm: a Job is done when its controller says Complete or Failed, not before. */
export function outcomeOfRun({ kind, status }: KubeObject): RunOutcome {
  if (kind === 'Pod') {
    const phase = isRecord(status) ? status['phase'] : undefined
    return phase === 'Succeeded' ? 'succeeded' : phase === 'Failed' ? 'failed' : 'running'
  }
  const isTrue = (type: string): boolean =>
    readList(status, 'conditions').some(
      (condition) => isRecord(condition) && condition['type'] === type && condition['status'] === 'True',
    )
  return isTrue('Complete') ? 'succeeded' : isTrue('Failed') ? 'failed' : 'running'
}

/** `exit`: a container of it said itself that it failed. `cut`: something ended it, and nobody knows how far it came. */
export type PodEnd =
  | { readonly how: 'exit'; readonly text: string }
  | { readonly how: 'cut'; readonly expired: boolean; readonly text: string }

/** Exit codes above this one are those of a signal, by the convention of shells and kubelets. */
const signals = { above: 128, upTo: 159 }
const longestReason = 400

/**
 * How a failed pod ended. Undefined: there is none to be found, as when somebody deleted it while it ran. A pod that was evicted, that
 * ran out of time or whose node went down has exit codes, too: they are those of its being killed.
 */
export function endOfPod(pod: KubeObject | undefined): PodEnd {
  if (pod === undefined) return { how: 'cut', expired: false, text: 'its pod is gone' }
  const { status, metadata } = pod
  const exit = failedContainer(pod)
  const text = exit === undefined ? '' : exit.text
  const reason = isRecord(status) && typeof status['reason'] === 'string' ? status['reason'] : undefined
  if (reason !== undefined && reason !== '')
    return { how: 'cut', expired: reason === 'DeadlineExceeded', text: joined(`its pod ended with ${reason}`, text) }
  const disrupted = readList(status, 'conditions').some(
    (one) => isRecord(one) && one['type'] === 'DisruptionTarget' && one['status'] === 'True',
  )
  if (disrupted) return { how: 'cut', expired: false, text: joined('its pod was disrupted', text) }
  if (metadata.deletionTimestamp !== undefined)
    return { how: 'cut', expired: false, text: joined('its pod was deleted', text) }
  if (exit === undefined) return { how: 'cut', expired: false, text: 'its pod says nothing of how it ended' }
  return exit.killed ? { how: 'cut', expired: false, text } : { how: 'exit', text }
}

interface FailedContainer {
  readonly killed: boolean
  readonly text: string
}

/** The first container that ended with something other than 0; one that ended by itself before one that was killed. */
function failedContainer({ status }: KubeObject): FailedContainer | undefined {
  const failed = [...readList(status, 'initContainerStatuses'), ...readList(status, 'containerStatuses')].flatMap(
    (container): FailedContainer[] => {
      if (!isRecord(container) || !isRecord(container['state'])) return []
      const { terminated } = container['state']
      if (!isRecord(terminated) || terminated['exitCode'] === 0) return []
      const reason = typeof terminated['reason'] === 'string' ? terminated['reason'].slice(0, longestReason) : 'Error'
      const code = Number(terminated['exitCode'])
      const bySignal = code > signals.above && code <= signals.upTo
      return [
        {
          killed: bySignal || ['OOMKilled', 'ContainerStatusUnknown'].includes(reason),
          text: `container ${String(container['name'])} ended with exit code ${String(terminated['exitCode'])} (${reason})`,
        },
      ]
    },
  )
  // where all was killed, that one says why
  return failed.find(({ killed }) => !killed) ?? failed[0]
}

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join('; ')
