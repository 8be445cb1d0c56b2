import type { RolloutDetail } from '@flotilla/api'
import { Drawer } from 'antd'
import { Problem } from '../components/problem.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { useStepLog } from '../query/use-rollouts.ts'
import { nameTargetsOf } from './name-targets.ts'
import { placeWords, type StepPlace } from './step-place.ts'

interface StepLogProps {
  readonly run: RolloutDetail
  readonly place: StepPlace
  readonly onClose: () => void
}

/** What a step printed, kept with its rollout. */
export function StepLog({ run, place, onClose }: StepLogProps) {
  const { t } = useText()
  const { stage, target, step = '' } = place
  const log = useStepLog(run.project, run.name, { stage, step, ...target })
  const title = t.rollouts.logOf(placeWords(place, nameTargetsOf(run)))
  return (
    <Drawer open title={title} onClose={onClose} size={720}>
      {log.isPending && <SkeletonRows />}
      {log.isError && <Problem error={log.error} />}
      {log.data !== undefined && (
        <>
          <p className="sub">
            {t.rollouts.attempt(log.data.attempt)}
            {log.data.running && ` · ${t.rollouts.logRunning}`}
          </p>
          {log.data.text === '' ? (
            <p className="muted">{t.rollouts.logEmpty}</p>
          ) : (
            <pre className="step-log" role="log" aria-label={title} tabIndex={0}>
              {log.data.text.split('\n').map(visibleText).join('\n')}
            </pre>
          )}
        </>
      )}
    </Drawer>
  )
}
