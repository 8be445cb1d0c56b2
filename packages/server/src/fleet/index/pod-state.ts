import type { KubeObject } from '@flotilla/model'
import { readField, readList, readNumber, readText } from '@flotilla/reconcile'

export interface PodState {
  /** The word that kubectl prints as STATUS (printPod of its source). */
  readonly state: string
  readonly restarts: number
  readonly restartedAt: string | undefined
}

export function podState(pod: KubeObject): PodState {
  let state = readText(pod, 'status', 'reason') ?? readText(pod, 'status', 'phase') ?? 'Unknown'
  let restarts = 0
  let restartedAt: string | undefined
  const inits = readList(pod, 'status', 'initContainerStatuses')
  const isStarting = inits.some((status) => !hasPassed(status))
  for (const status of readList(pod, 'status', 'containerStatuses')) {
    restarts += readNumber(status, 'restartCount') ?? 0
    const ended = readText(status, 'lastState', 'terminated', 'finishedAt')
    if (ended !== undefined && (restartedAt === undefined || ended > restartedAt)) restartedAt = ended
    if (!isStarting) state = trouble(status) ?? state
  }
  if (isStarting) {
    const at = inits.findIndex((status) => !hasPassed(status))
    state = `Init:${trouble(inits[at]) ?? `${at}/${inits.length}`}`
  }
  if (pod.metadata.deletionTimestamp !== undefined) state = 'Terminating'
  return { state, restarts, restartedAt }
}

/** An init container that ended well, or a sidecar that has started. */
function hasPassed(status: unknown): boolean {
  return readNumber(status, 'state', 'terminated', 'exitCode') === 0 || readField(status, 'started') === true
}

function trouble(status: unknown): string | undefined {
  const waiting = readText(status, 'state', 'waiting', 'reason')
  if (waiting !== undefined) return waiting === 'PodInitializing' ? undefined : waiting
  if (readField(status, 'state', 'terminated') === undefined) return undefined
  const reason = readText(status, 'state', 'terminated', 'reason')
  return reason ?? `ExitCode:${readNumber(status, 'state', 'terminated', 'exitCode') ?? '?'}`
}
