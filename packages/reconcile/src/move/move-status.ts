import { computeConditions, endedMovePhases, type Move, type MovePhase, type MoveStatus } from '@flotilla/model'

/** What one decision has to say; everything else stays as it was. */
export interface MoveNews extends Partial<
  Pick<MoveStatus, 'pairs' | 'before' | 'during' | 'after' | 'message' | 'gap' | 'undoGap'>
> {
  readonly phase: MovePhase
  /** Undefined: nothing is waited for. */
  readonly waitingFor?: string | undefined
  /** `null`: what was quiet is not any more. */
  readonly quietSince?: string | null | undefined
}

const mostSteps = 40

/** The status with the news in it. The same news give the same status: times move only when what they speak of did. */
export function composeMoveStatus(object: Move, news: MoveNews, now: string): MoveStatus {
  const before = object.status ?? {}
  const { phase, quietSince, ...rest } = news
  const waitingFor = news.waitingFor?.slice(0, 1024)
  const entered = before.phase !== phase
  const ended = endedMovePhases.includes(phase)
  const quiet = quietSince === null ? undefined : (quietSince ?? before.quietSince)
  const { generation } = object.metadata
  const ready = {
    type: 'Ready',
    status: ended ? ('True' as const) : ('False' as const),
    reason: phase,
    message: (ended ? rest.message : waitingFor) ?? '',
  }
  const status: Record<string, unknown> & MoveStatus = {
    ...before,
    ...rest,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase,
    since: entered ? now : (before.since ?? now),
    waitingFor,
    waitingSince: waitingFor === undefined ? undefined : before.waitingFor === waitingFor ? before.waitingSince : now,
    message: (rest.message ?? before.message)?.slice(0, 4096),
    steps: entered ? [...(before.steps ?? []), { phase, at: now }].slice(-mostSteps) : before.steps,
    quietSince: quiet,
    endedAt: ended ? (before.endedAt ?? now) : undefined,
    conditions: computeConditions(before.conditions, [ready], now),
  }
  for (const key of Object.keys(status)) if (status[key] === undefined) delete status[key]
  return status
}
