import type { Application, Move, MovePhase } from '@flotilla/model'
import { wasStarted } from './fields.ts'
import type { MoveStep } from './world.ts'

/** Where people, or what became of the application, send a move instead of on. */
export function redirect(
  { metadata, spec, status }: Move,
  phase: MovePhase,
  application: Application | undefined,
): Extract<MoveStep, { go: MovePhase }> | undefined {
  const { abort, undo } = spec.control
  const stays = 'everything stays as it stands, and what stands still has to be started by hand (spec.standby)'
  const abortion = (why: string) => ({ go: 'Aborted' as const, news: { message: `${why}; ${stays}` } })
  if (metadata.deletionTimestamp !== undefined) return abortion('It was deleted in the middle')
  if (application === undefined || application.metadata.deletionTimestamp !== undefined)
    return { go: 'Aborted', news: { message: 'The application is gone, or being deleted' } }
  if (abort !== undefined) return abortion(abort.reason ?? 'Somebody let go of it')
  if (undo === undefined) return undefined
  const back = wayBack(phase, wasStarted({ status }))
  if (back === undefined) return undefined
  const message = undo.reason === undefined ? 'On the way back' : `On the way back: ${undo.reason}`
  return { go: back, news: { message: back === 'Undone' ? 'Nothing was begun' : message, quietSince: null } }
}

/** The first step of the way back. Undefined: it is on it already, or at an end. */
function wayBack(phase: MovePhase, started: boolean): MovePhase | undefined {
  switch (phase) {
    case 'Pending':
      return 'Undone'
    case 'Preparing':
      return 'UndoRemovingTarget'
    case 'SuspendingSource':
    case 'Draining':
      return 'UndoStartingSource'
    case 'StartingTarget':
    case 'AwaitingTraffic':
      return started ? 'UndoStoppingTarget' : 'UndoStartingSource'
    case 'RemovingSource':
      return 'UndoRestoringSource'
    case 'UndoRestoringSource':
    case 'UndoStoppingTarget':
    case 'UndoStartingSource':
    case 'UndoRemovingTarget':
    case 'Succeeded':
    case 'Undone':
    case 'Refused':
    case 'Aborted':
      return undefined
    default:
      return phase satisfies never
  }
}
