import type { MigrationEnd } from '../../store/migration-ledger.ts'
import type { RunSight } from '../runs/observe-run.ts'

/**
 * What is recorded of a run that has ended; undefined while it has not. A container that says itself that it failed has failed;
 * one that was ended from outside may have done half of its work.
 */
export function computeMigrationEnd(sight: RunSight, at: string): MigrationEnd | undefined {
  switch (sight.state) {
    case 'succeeded':
      return { state: 'Succeeded', at }
    case 'failed':
      return { state: sight.cut ? 'Uncertain' : 'Failed', message: sight.message, at }
    case 'absent':
    case 'other':
    case 'running':
      return undefined
    default:
      return sight satisfies never
  }
}
