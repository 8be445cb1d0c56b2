import {
  type ApplicationSpec,
  type Move,
  type MovePhase,
  type MoveStatus,
  sameJson,
  type TargetRef,
} from '@flotilla/model'
import { exactly } from './placement.ts'
import type { ApplicationFields } from './types.ts'

/** What is kept of an application when a move begins. */
export type Begun = { readonly [Field in 'pairs' | 'before' | 'during' | 'after']: NonNullable<MoveStatus[Field]> }

export function begunOf(status: MoveStatus | undefined): Begun | undefined {
  const { pairs, before, during, after } = status ?? {}
  if (pairs === undefined || before === undefined || during === undefined || after === undefined) return undefined
  return { pairs, before, during, after }
}

/** What a phase says of the application: everything that a move does to clusters is done by these three fields. */
export function computeFields(name: string, begun: Begun, phase: MovePhase, spec: ApplicationSpec): ApplicationFields {
  const { pairs, before, during, after } = begun
  const from = pairs.map((pair) => pair.from)
  const to = pairs.map((pair) => pair.to)
  const standing = (...places: readonly (readonly TargetRef[])[]) => [...before.standby, ...places.flat().map(exactly)]
  switch (phase) {
    case 'Pending':
    case 'Preparing':
      return { placement: during, standby: standing(to), move: name }
    case 'SuspendingSource':
    case 'Draining':
    case 'UndoStoppingTarget':
      return { placement: during, standby: standing(from, to), move: name }
    case 'StartingTarget':
    case 'AwaitingTraffic':
    case 'UndoRestoringSource':
      return { placement: during, standby: standing(from), move: name }
    case 'RemovingSource':
      // what is being taken away stands still to its end
      return { placement: after, standby: standing(from), move: name }
    case 'UndoStartingSource':
      return { placement: during, standby: standing(to), move: name }
    case 'UndoRemovingTarget':
      return { placement: before.placement, standby: standing(to), move: name }
    case 'Succeeded':
      return { placement: after, standby: before.standby, move: undefined }
    case 'Undone':
    case 'Refused':
      return { placement: before.placement, standby: before.standby, move: undefined }
    case 'Aborted':
      return { placement: spec.placement, standby: spec.standby ?? [], move: undefined }
    default:
      return phase satisfies never
  }
}

export const areWritten = ({ placement, standby, move }: ApplicationFields, spec: ApplicationSpec): boolean =>
  sameJson(placement, spec.placement) && sameJson(standby, spec.standby ?? []) && move === spec.move

/** Whether what acts in the new place was ever let start: the phase is recorded before the application is written. */
export const wasStarted = ({ status }: Pick<Move, 'status'>): boolean =>
  (status?.steps ?? []).some(({ phase }) => phase === 'StartingTarget')
