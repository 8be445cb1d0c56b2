import type { ReleaseRow } from '@flotilla/api'
import { useText } from '../i18n/text.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { releaseLooks, rolloutLookOf } from './looks.ts'

/** Shape, word and colour of a release's phase. */
export function PhaseMark({ row }: { row: Pick<ReleaseRow, 'phase' | 'freezing'> }) {
  const { t } = useText()
  const freezing = row.phase === 'Draft' && row.freezing
  const look = freezing ? 'progressing' : releaseLooks[row.phase]
  return (
    <span className="status">
      <StatusIcon look={look} />
      <span className={look}>{freezing ? t.releases.freezing : t.releases.phases[row.phase]}</span>
    </span>
  )
}

/** The same of a rollout. */
export function RolloutMark({ phase }: { phase: string }) {
  const { t } = useText()
  const look = rolloutLookOf(phase)
  const words: Readonly<Record<string, string>> = t.rollouts.phases
  return (
    <span className="status">
      <StatusIcon look={look} />
      <span className={look}>{words[phase] ?? phase}</span>
    </span>
  )
}
