import type { Sentence } from '@flotilla/api'

/** The headline of a status sentence. `where` names clusters, or is empty when it is about all of them. */
const headline: Record<Sentence['code'], (where: string) => string> = {
  healthy: (where) => (where === '' ? 'Healthy everywhere' : `Healthy in ${where}`),
  progressing: (where) => (where === '' ? 'Rolling out' : `Rolling out in ${where}`),
  waiting: (where) => (where === '' ? 'Waiting' : `Waiting for ${where}`),
  suspended: (where) => (where === '' ? 'Suspended' : `Suspended in ${where}`),
  missing: (where) => (where === '' ? 'Objects are missing' : `Objects are missing in ${where}`),
  degraded: (where) => (where === '' ? 'Degraded' : `Degraded in ${where}`),
  failed: (where) => (where === '' ? 'Failing' : `Failing in ${where}`),
  unknown: (where) => (where === '' ? 'Not to be seen' : `${where} cannot be seen`),
  paused: () => 'Paused',
  blocked: (where) => (where === '' ? 'Blocked' : `Blocked in ${where}`),
  unplaced: () => 'Placed nowhere',
  removing: () => 'Being removed',
}

export const sentence = {
  headline,
  /** Between the headline and what follows it. */
  joint: ': ',
  stop: '.',
  severalClusters: (count: number) => `${count} clusters`,
} as const
