import type { Application, MovePhase } from '@flotilla/model'
import type { Begun } from './fields.ts'
import type { MoveNews } from './move-status.ts'
import type { Side } from './sides.ts'
import type { MoveEffect, MoveQuestion } from './types.ts'

/** All that the phases of a move look at. */
export interface MoveWorld extends MoveQuestion {
  readonly begun: Begun
  readonly application: Application
  /** The places that are left. */
  readonly from: Side
  /** The places it goes to. */
  readonly to: Side
}

export type MoveFindings = Omit<MoveNews, 'phase' | 'waitingFor'>

/** What a phase says: that another one begins, or what it waits for, with what is to be done meanwhile. */
export type MoveStep =
  | { readonly go: MovePhase; readonly news?: MoveFindings }
  | {
      readonly waitingFor: string
      readonly news?: MoveFindings
      readonly effects?: readonly MoveEffect[]
      /** Look again after this long at the latest. */
      readonly seconds?: number
    }
