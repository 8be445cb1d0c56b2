import type { MoveRow } from '@flotilla/api'
import { useText } from '../i18n/text.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { moveLooks } from './move-path.ts'

/** Shape, word and colour of where a move is. */
export function MoveMark({ phase }: Pick<MoveRow, 'phase'>) {
  const { t } = useText()
  const look = moveLooks[phase]
  return (
    <span className="status">
      <StatusIcon look={look} />
      <span className={look}>{t.moves.phases[phase]}</span>
    </span>
  )
}
