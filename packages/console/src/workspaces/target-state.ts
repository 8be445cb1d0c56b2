import type { ProjectDetail } from '@flotilla/api'
import type { Look } from '../status/health-look.ts'

type Target = ProjectDetail['targets'][number]
type State = Target['state']
type Wanting = Target & { readonly state: Exclude<State, 'Ready'> }

export const targetLook: Record<State, Look> = {
  Ready: 'healthy',
  Pending: 'progressing',
  Refused: 'failed',
  Unknown: 'unknown',
}

const worstFirst = ['Refused', 'Unknown', 'Pending'] as const

/** The targets in the worst state that there is; none when all are ready. */
export function worstTargets(targets: readonly Target[]): Wanting[] {
  for (const state of worstFirst) {
    const found = targets.filter((target): target is Wanting => target.state === state)
    if (found.length > 0) return found
  }
  return []
}
