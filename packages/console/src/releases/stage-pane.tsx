import type { ReleaseDetail, RolloutDetail } from '@flotilla/api'
import { useState } from 'react'
import { EmptyState } from '../components/empty-state.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { useText } from '../i18n/text.ts'
import { useParam } from '../place/use-param.ts'
import { currentStage } from './compute-sentence.ts'
import { RolloutMark } from './phase-mark.tsx'
import { StageCard } from './stage-card.tsx'
import { useStepActions } from './use-step-actions.ts'

interface StagePaneProps {
  readonly detail: ReleaseDetail
  readonly run: RolloutDetail | undefined
}

/** The stages of a run, one below the other, with what each found. */
export function StagePane({ detail, run }: StagePaneProps) {
  const { t } = useText()
  const nothing = detail.rollout === undefined && detail.rollouts.length === 0
  return (
    <section className="panel" aria-label={t.rollouts.graph}>
      <header>
        <h2>{t.rollouts.graph}</h2>
        {run !== undefined && <RolloutMark phase={run.phase} />}
        <span className="push" />
        {run !== undefined && <Runs detail={detail} run={run} />}
      </header>
      {nothing && <EmptyState title={t.rollouts.planned} hint={t.rollouts.plannedHint} />}
      {!nothing && run === undefined && <SkeletonRows />}
      {run !== undefined && <Stages key={run.name} detail={detail} run={run} />}
    </section>
  )
}

/** Which run is shown; the newest, unless the address names another. */
function Runs({ detail, run }: { detail: ReleaseDetail; run: RolloutDetail }) {
  const { t } = useText()
  const [, setRun] = useParam('run', detail.rollout?.name ?? detail.rollouts[0]?.name ?? '')
  const line = (name: string, action: 'Release' | 'Rollback'): string => `${t.rollouts.actions[action]} · ${name}`
  if (detail.rollouts.length < 2)
    return (
      <span className="sub clip" title={run.name}>
        {line(run.name, run.action)} · {t.rollouts.byPlan(run.plan)}
      </span>
    )
  return (
    <select
      className="input small"
      aria-label={t.rollouts.run}
      value={run.name}
      onChange={(event) => setRun(event.target.value)}
    >
      {detail.rollouts.map(({ name, action }) => (
        <option key={name} value={name}>
          {line(name, action)}
        </option>
      ))}
    </select>
  )
}

function Stages({ detail, run }: { detail: ReleaseDetail; run: RolloutDetail }) {
  const { t } = useText()
  const actions = useStepActions(detail, run)
  const current = currentStage(run)
  // whoever comes sees where the run is; what changes later moves nothing under the eyes
  const [first] = useState(current)
  return (
    <ol className="stages">
      {run.stages.map((stage, index) => (
        <StageCard
          key={stage.name}
          stage={stage}
          current={stage.name === current}
          seenFirst={stage.name === first && index > 0}
          actions={actions}
        />
      ))}
      {run.left.length > 0 && <li className="sub">{t.rollouts.left(run.left.map(actions.nameOf).join(', '))}</li>}
    </ol>
  )
}
