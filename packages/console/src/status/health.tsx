import type { HealthState } from '@flotilla/model'
import { useText } from '../i18n/text.ts'
import { lookOf } from './health-look.ts'
import { StatusIcon } from './status-icon.tsx'

/** Shape, word and colour of a state, with how many could not be seen beside it. */
export function Health({ state, unknown = 0 }: { state: HealthState; unknown?: number }) {
  const { t } = useText()
  const look = lookOf(state)
  return (
    <span className="status">
      <StatusIcon look={look} />
      <span className={look}>{t.status.health[state]}</span>
      {unknown > 0 && state !== 'Unknown' && <span className="sub">{t.status.unknownBeside(unknown)}</span>}
    </span>
  )
}
