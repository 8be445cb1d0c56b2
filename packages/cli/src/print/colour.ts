import type { Io } from '../io.ts'

const codes = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, grey: 90, bold: 1 } as const
export type Colour = keyof typeof codes

export function paint(io: Pick<Io, 'colour'>, colour: Colour | undefined, text: string): string {
  return io.colour && colour !== undefined ? `\u001B[${codes[colour]}m${text}\u001B[0m` : text
}

const ofState: Record<string, Colour> = {
  Healthy: 'green',
  Connected: 'green',
  Progressing: 'blue',
  Pending: 'blue',
  Suspended: 'magenta',
  Missing: 'yellow',
  Degraded: 'yellow',
  Drifted: 'yellow',
  Failed: 'red',
  Lost: 'red',
  Succeeded: 'green',
  Active: 'green',
  Running: 'blue',
  Rolling: 'blue',
  Paused: 'yellow',
  Deferred: 'yellow',
  RolledBack: 'yellow',
  Uncertain: 'red',
  RollbackFailed: 'red',
  Aborted: 'red',
  Rejected: 'red',
  Superseded: 'grey',
  Skipped: 'grey',
  Planned: 'grey',
  Unknown: 'grey',
}

export const stateColour = (state: string): Colour | undefined => ofState[state]
