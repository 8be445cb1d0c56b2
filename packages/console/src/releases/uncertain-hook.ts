import type { RolloutTargetView } from '@flotilla/api'

/** As a delivery says it: when the hook ended, and each time that it would have to run again. */
const said = /hook (\S+) \([^()]*\) (?:ended and nobody knows how|failed: nobody knows how this migration ended)/

/** The hook of a chart at which a target stopped, as nobody knows how it ended; a person has to say so before it goes on. */
export function findUncertainHook({ phase, message = '' }: Pick<RolloutTargetView, 'phase' | 'message'>) {
  return phase === 'Failed' || phase === 'RollbackFailed' ? said.exec(message)?.[1] : undefined
}
