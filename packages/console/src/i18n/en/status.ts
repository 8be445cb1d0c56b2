import type { HealthState } from '@flotilla/model'

const health: Record<HealthState, string> = {
  Healthy: 'Healthy',
  Progressing: 'Progressing',
  Degraded: 'Degraded',
  Failed: 'Failed',
  Suspended: 'Suspended',
  Missing: 'Missing',
  Unknown: 'Unknown',
}

export const status = {
  health,
  connected: 'Connected',
  pending: 'Connecting',
  lost: 'Lost',
  lostSince: (ago: string) => `lost since ${ago}`,
  lostFor: (span: string) => `lost for ${span}`,
  unknownFor: (span: string) => `not seen for ${span}`,
  unknownBeside: (count: number) => `${count} not seen`,
  since: (when: string) => `since ${when}`,
  paused: 'Paused',
  drifted: 'Drifted',
  inSync: 'In sync',
} as const
