import type { HealthState } from '@flotilla/model'

export type Look = 'healthy' | 'progressing' | 'degraded' | 'failed' | 'suspended' | 'missing' | 'unknown'

const looks: Record<HealthState, Look> = {
  Healthy: 'healthy',
  Progressing: 'progressing',
  Degraded: 'degraded',
  Failed: 'failed',
  Suspended: 'suspended',
  Missing: 'missing',
  Unknown: 'unknown',
}

/** The CSS name of a state: its colour, its tint and its shape hang on it. */
export const lookOf = (state: HealthState): Look => looks[state]
