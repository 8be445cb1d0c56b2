import type { MoveRow } from '@flotilla/api'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { computePath, type PathStep } from './move-path.ts'
import { movePlaces } from './move-places.ts'

/** A move from its first step to its last: what was done when, what is waited for since when, what is to come. */
export function MoveSteps({ move }: { move: MoveRow }) {
  const text = useText()
  const { t } = text
  const [from, to] = [movePlaces(move, 'from', text), movePlaces(move, 'to', text)]
  return (
    <ol className="move-steps" aria-label={t.moves.path}>
      {computePath(move).map((step, index) => (
        <li
          key={`${index} ${step.phase}`}
          className={step.state}
          {...(step.state === 'now' ? { 'aria-current': 'step' as const } : {})}
        >
          <StatusIcon look={step.look} />
          <span className="what">{t.moves.steps[step.phase](from, to)}</span>
          <Spent step={step} />
          {step.state === 'now' && <Waits move={move} />}
          {step.state === 'end' && move.message !== undefined && (
            <div className="said">{visibleText(move.message)}</div>
          )}
        </li>
      ))}
    </ol>
  )
}

/** When it began; how long it took, or has taken by now. */
function Spent({ step: { at, until, state } }: { step: PathStep }) {
  const { t, f } = useText()
  if (at === undefined) return null
  return (
    <span className="push sub">
      <Time at={at} as="clock" />
      {until !== undefined && ` · ${t.moves.took} ${f.duration(Date.parse(until) - Date.parse(at))}`}
      {state === 'now' && (
        <>
          {' · '}
          <Time at={at} as="span" />
        </>
      )}
    </span>
  )
}

function Waits({ move: { waitingFor, waitingSince } }: { move: MoveRow }) {
  const { t } = useText()
  if (waitingFor === undefined || waitingFor === '') return null
  return (
    <div className="said">
      {t.moves.waits} {visibleText(waitingFor)}
      {waitingSince !== undefined && (
        <>
          {' · '}
          {t.moves.gapSince} <Time at={waitingSince} as="clock" />
        </>
      )}
    </div>
  )
}
