import type { RolloutStageView, RolloutTargetView } from '@flotilla/api'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { setAll, useSearch } from '../place/use-search.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { stageLooks } from './looks.ts'
import { StepLine } from './step-line.tsx'
import { TargetLine } from './target-line.tsx'
import type { StepActions } from './use-step-actions.ts'

/** More targets than this are counted, and only those that need a look are drawn. */
const mostDrawn = 6

interface StageCardProps {
  readonly stage: RolloutStageView
  readonly current: boolean
  /** Brought into view when the page is opened. */
  readonly seenFirst: boolean
  readonly actions: StepActions
}

/** Called once, when the card is there. */
const bringIntoView = (card: HTMLElement | null): void => card?.scrollIntoView({ block: 'nearest' })

export function StageCard({ stage, current, seenFirst, actions }: StageCardProps) {
  const { t, f } = useText()
  const { name, phase, steps, targets } = stage
  const look = stageLooks[phase]
  const policy = [
    t.rollouts.atOnce(stage.maxConcurrency),
    ...(stage.soakSeconds > 0 ? [t.rollouts.soak(f.duration(stage.soakSeconds * 1000))] : []),
    t.rollouts.onFailure[stage.onFailure] ?? stage.onFailure,
    t.rollouts.offline[stage.offline] ?? stage.offline,
  ].join(' · ')
  const line = (list: 'before' | 'after') =>
    steps
      .filter((view) => view.list === list)
      .map((view) => (
        <StepLine key={`${list} ${view.name}`} place={{ stage: name, step: view.name }} view={view} actions={actions} />
      ))
  return (
    <li
      {...(seenFirst ? { ref: bringIntoView } : {})}
      className={`stage-card ${phase === 'Succeeded' ? 'past' : ''} ${current ? 'current' : ''}`}
    >
      <div className="row">
        <StatusIcon look={look} />
        <h3>{name}</h3>
        <span className={`sub ${look}`}>{t.rollouts.stagePhases[phase]}</span>
        <span className="push sub">
          {targets.length === 0
            ? t.releases.stageNone
            : t.rollouts.counted(targets.filter(isDone).length, targets.length)}
        </span>
      </div>
      {phase !== 'Succeeded' && <div className="sub policy">{policy}</div>}
      {stage.message !== undefined && <div className="stage-message">{visibleText(stage.message)}</div>}
      <ul className="evidence">
        {line('before')}
        <Targets stage={stage} actions={actions} />
        {line('after')}
      </ul>
    </li>
  )
}

const isDone = ({ phase }: RolloutTargetView): boolean => phase === 'Succeeded' || phase === 'RolledBack'
const needsNoLook = ({ phase, unknownSince }: RolloutTargetView): boolean =>
  unknownSince === undefined && (phase === 'Succeeded' || phase === 'RolledBack' || phase === 'Pending')

function Targets({ stage, actions }: Pick<StageCardProps, 'stage' | 'actions'>) {
  const { t } = useText()
  const [search, change] = useSearch()
  const unfolded = search.getAll('all')
  const all = unfolded.includes(stage.name)
  const many = stage.targets.length > mostDrawn
  const drawn =
    many && !all ? stage.targets.filter((target) => !needsNoLook(target)).slice(0, mostDrawn) : stage.targets
  const toggle = () =>
    change((after) =>
      setAll(after, 'all', all ? unfolded.filter((one) => one !== stage.name) : [...unfolded, stage.name]),
    )
  return (
    <>
      {drawn.map((target) => (
        <TargetLine key={`${target.cluster}/${target.namespace}`} target={target} actions={actions} />
      ))}
      {many && (
        <li>
          <button type="button" className="plain accent" aria-expanded={all} onClick={toggle}>
            {all ? t.rollouts.showFewer : t.rollouts.showAll(stage.targets.length)}
          </button>
        </li>
      )}
    </>
  )
}
