import { z } from 'zod'

/** The one health table's words, for API, CLI and screen. `Unknown` is beside the order: it is counted, never the worst. */
export const HealthState = z.enum(['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Failed', 'Unknown'])
export type HealthState = z.infer<typeof HealthState>

export interface Health {
  readonly state: HealthState
  /** Why, in a sentence for the operator; empty when healthy. */
  readonly message: string
}

const severity: Record<Exclude<HealthState, 'Unknown'>, number> = {
  Healthy: 0,
  Suspended: 1,
  Progressing: 2,
  Missing: 3,
  Degraded: 4,
  Failed: 5,
}

export interface HealthSummary {
  /** The worst known state; `Unknown` only when nothing is known. */
  readonly state: HealthState
  readonly unknown: number
  readonly total: number
}

/** Worst known state, with unknown counted beside it. Nothing at all is Healthy: there is nothing to be unwell. */
export function summariseHealth(states: readonly HealthState[]): HealthSummary {
  let worst: Exclude<HealthState, 'Unknown'> | undefined
  let unknown = 0
  for (const state of states) {
    if (state === 'Unknown') unknown++
    else if (worst === undefined || severity[state] > severity[worst]) worst = state
  }
  return { state: worst ?? (unknown > 0 ? 'Unknown' : 'Healthy'), unknown, total: states.length }
}
