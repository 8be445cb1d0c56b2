import type { RolloutTargetView } from '@flotilla/api'
import { ActionButton } from '../actions/action-button.tsx'
import { Time } from '../components/time.tsx'
import { useText } from '../i18n/text.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { targetLooks } from './looks.ts'
import { Said } from './said.tsx'
import { StepLine } from './step-line.tsx'
import type { StepActions } from './use-step-actions.ts'

interface TargetLineProps {
  readonly target: RolloutTargetView
  readonly actions: StepActions
}

/** What it has come to: it is told how long ago, not for how long. */
const rests = new Set<RolloutTargetView['phase']>(['Succeeded', 'Skipped', 'RolledBack'])

/** One target of a stage: where it is, what it waits for, what its steps found. */
export function TargetLine({ target, actions }: TargetLineProps) {
  const { t } = useText()
  const { cluster, namespace, phase, stage, unknownSince } = target
  const look = targetLooks[phase]
  const place = { stage, target: { cluster, namespace } }
  const own = actions.ofTarget(place, target)
  return (
    <li className={unknownSince === undefined ? '' : 'hatched'}>
      <div className="line">
        <StatusIcon look={look} />
        <span className="what" title={`${cluster}/${namespace}`}>
          {actions.nameOf(target)}
          {target.environment !== undefined && <span className="sub"> {target.environment}</span>}
        </span>
        <span className={`sub ${look}`}>{t.rollouts.targetPhases[phase]}</span>
        {target.attempt > 1 && <span className="sub">{t.rollouts.attempt(target.attempt)}</span>}
        <span className="push sub">
          {phase !== 'Pending' && <Time at={target.since} as={rests.has(phase) ? 'ago' : 'span'} />}
        </span>
      </div>
      <Said message={target.message} waitingFor={target.waitingFor} since={target.since} />
      {unknownSince !== undefined && (
        <div className="said">
          {t.rollouts.notSeen} <Time at={unknownSince} as="span" />
        </div>
      )}
      {own.length > 0 && (
        <div className="said row">
          {own.map((action) => (
            <ActionButton key={action.id} action={action} small />
          ))}
        </div>
      )}
      {target.steps.length > 0 && (
        <ul className="evidence inner">
          {target.steps.map((view) => (
            <StepLine
              key={`${view.list} ${view.name}`}
              place={{ ...place, step: view.name }}
              view={view}
              actions={actions}
            />
          ))}
        </ul>
      )}
    </li>
  )
}
