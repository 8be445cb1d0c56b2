import type { StepView } from '@flotilla/api'
import { ActionButton } from '../actions/action-button.tsx'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { useParam } from '../place/use-param.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { stepLooks } from './looks.ts'
import { Said } from './said.tsx'
import { placeWords, type StepPlace, writePlace } from './step-place.ts'
import type { StepActions } from './use-step-actions.ts'

interface StepLineProps {
  readonly place: StepPlace
  readonly view: StepView
  readonly actions: StepActions
}

/** A name and evidence of at most so many letters together stand on one line, longer evidence below. */
const longestBeside = 34

/** One step: what ran, what it measured or who approved, and what it printed. */
export function StepLine({ place, view, actions }: StepLineProps) {
  const { t, f } = useText()
  const [, setLog] = useParam('log')
  const look = view.approval !== undefined && view.phase === 'Running' ? 'suspended' : stepLooks[view.phase]
  const about = placeWords(place, actions.nameOf)
  const own = actions.ofStep(place, view)
  // who approved is told in the reader's language
  const evidence = view.approval === undefined ? view.evidence.map(visibleText).join(' · ') : ''
  const short = view.name.length + evidence.length <= longestBeside
  return (
    <li>
      <div className="line">
        <StatusIcon look={look} label={t.rollouts.stepPhases[view.phase]} />
        <span className="what">{view.name}</span>
        <span className="sub">{view.migration ? t.rollouts.migration : t.rollouts.stepTypes[view.type]}</span>
        {view.reversible === false && <span className="sub degraded">{t.releases.irreversible}</span>}
        {(view.attempt ?? 0) > 1 && <span className="sub">{t.rollouts.attempt(view.attempt ?? 0)}</span>}
        {view.phase === 'Uncertain' && <span className={`sub ${look}`}>{t.rollouts.stepPhases.Uncertain}</span>}
        {short && evidence !== '' && <span className="sub v found">{evidence}</span>}
        <span className="push sub">
          {view.since !== undefined &&
            (view.endedAt === undefined ? (
              <Time at={view.since} as="span" />
            ) : (
              f.duration(Date.parse(view.endedAt) - Date.parse(view.since))
            ))}
        </span>
        {view.hasLog && (
          <button
            type="button"
            className="plain accent sub"
            aria-label={t.rollouts.logOf(about)}
            onClick={() => setLog(writePlace(place))}
          >
            {t.rollouts.log}
          </button>
        )}
      </div>
      {view.approval !== undefined && (
        <div className="said">
          {t.rollouts.given(view.approval.given.length, view.approval.count)}
          {view.approval.given.length > 0 &&
            ` ${t.rollouts.givenBy(f.list(view.approval.given.map(({ name }) => name)))}`}
          {view.phase === 'Running' && (
            <span className="faint"> · {t.rollouts.mayApprove(visibleText(view.approval.who))}</span>
          )}
        </div>
      )}
      {!short && <div className="said v">{evidence}</div>}
      {view.job !== undefined && (
        <div className="said v">{visibleText(`Job ${view.job.cluster}/${view.job.namespace}/${view.job.name}`)}</div>
      )}
      <Said
        message={view.message}
        // how many approvals are missing stands above already
        waitingFor={view.approval === undefined ? view.waitingFor : undefined}
        since={view.since}
      />
      {own.length > 0 && (
        <div className="said row">
          {own.map((action) => (
            <ActionButton key={action.id} action={action} small />
          ))}
        </div>
      )}
    </li>
  )
}
