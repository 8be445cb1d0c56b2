import type { MoveRow } from '@flotilla/api'
import type { Look } from '../status/health-look.ts'

type Phase = MoveRow['phase']

const onward: readonly Phase[] = [
  'Preparing',
  'SuspendingSource',
  'Draining',
  'StartingTarget',
  'AwaitingTraffic',
  'RemovingSource',
  'Succeeded',
]
const back: readonly Phase[] = [
  'UndoRestoringSource',
  'UndoStoppingTarget',
  'UndoStartingSource',
  'UndoRemovingTarget',
  'Undone',
]

export const moveLooks: Record<Phase, Look> = {
  Pending: 'unknown',
  Preparing: 'progressing',
  SuspendingSource: 'progressing',
  Draining: 'progressing',
  StartingTarget: 'progressing',
  AwaitingTraffic: 'suspended',
  RemovingSource: 'progressing',
  Succeeded: 'healthy',
  UndoRestoringSource: 'progressing',
  UndoStoppingTarget: 'progressing',
  UndoStartingSource: 'progressing',
  UndoRemovingTarget: 'progressing',
  Undone: 'degraded',
  Refused: 'failed',
  Aborted: 'failed',
}

/** One step of a move: gone through, the one it is at, or to come. */
export interface PathStep {
  readonly phase: Phase
  readonly state: 'past' | 'now' | 'end' | 'coming'
  readonly look: Look
  readonly at?: string | undefined
  /** When the next one began. */
  readonly until?: string | undefined
}

/** What a move went through, in that order, and what is still before it. */
export function computePath({ phase, ended, steps }: Pick<MoveRow, 'phase' | 'ended' | 'steps'>): PathStep[] {
  const entered = steps.length > 0 ? steps : [{ phase, at: undefined }]
  const gone = entered.map(({ phase: one, at }, index): PathStep => {
    const next = entered[index + 1]?.at
    const state = index < entered.length - 1 ? 'past' : ended ? 'end' : 'now'
    return { phase: one, state, look: state === 'past' ? 'healthy' : moveLooks[one], at, until: next }
  })
  if (ended) return gone
  const way = back.includes(phase) ? back : onward
  const coming = way.slice(way.indexOf(phase) + 1)
  return [...gone, ...coming.map((one): PathStep => ({ phase: one, state: 'coming', look: 'unknown' }))]
}
