import type { ApplicationDetail } from '@flotilla/api'
import { Link } from 'react-router'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useMoves } from '../query/use-moves.ts'
import { MoveMark } from './move-mark.tsx'
import { movePlaces } from './move-places.ts'
import './moves.css'

/** On the page of an application while a move is under way: where it goes, and what it waits for. */
export function MoveLine({ detail: { project, name } }: { detail: ApplicationDetail }) {
  const text = useText()
  const { t } = text
  const { carry } = useClusterFilter()
  const move = useMoves(project, name).data?.items.find(({ ended }) => !ended)
  if (move === undefined) return null
  return (
    <section className="panel move-line" aria-label={t.moves.one}>
      <MoveMark phase={move.phase} />
      {move.pairs.length > 0 && (
        <span>{t.moves.moves(movePlaces(move, 'from', text), movePlaces(move, 'to', text))}</span>
      )}
      {move.waitingFor !== undefined && (
        <span className="sub clip" title={move.waitingFor}>
          {t.moves.waits} {visibleText(move.waitingFor)}
          {move.waitingSince !== undefined && (
            <>
              {' · '}
              <Time at={move.waitingSince} as="span" />
            </>
          )}
        </span>
      )}
      <span className="push" />
      <Link to={carry(`/apps/${project}/${name}/moves`)}>{t.moves.see}</Link>
    </section>
  )
}
