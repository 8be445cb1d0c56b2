import type { ReleaseDetail, RolloutDetail } from '@flotilla/api'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Field } from '../components/field.tsx'
import { FormDialog } from '../components/form-dialog.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { api } from '../query/api.ts'
import { refreshRelease } from '../query/use-releases.ts'
import { listSteps, placeWords, type StepPlace, writePlace } from './step-place.ts'

interface ResolveStepProps {
  readonly detail: ReleaseDetail
  readonly run: RolloutDetail
  readonly place: StepPlace
  readonly step: string
  readonly onClose: () => void
}

/** Nobody knows how a step ended: a person looks, and says. Nothing is chosen beforehand. */
export function ResolveStep({ detail, run, place, step, onClose }: ResolveStepProps) {
  const { t } = useText()
  const [outcome, setOutcome] = useState<'Succeeded' | 'Failed'>()
  const [reason, setReason] = useState('')
  const what = placeWords(place)
  const view = listSteps(run).find((one) => writePlace(one.place) === writePlace(place))?.view
  const send = useMutation({
    mutationFn: async (chosen: 'Succeeded' | 'Failed') =>
      await api.rollouts.resolve({
        params: { project: run.project, rollout: run.name },
        body: { stage: place.stage, ...place.target, step, outcome: chosen, reason: reason.trim() },
      }),
    onSuccess() {
      notify(t.releases.resolvedNow(what))
      refreshRelease(detail.project, detail.name)
      onClose()
    },
  })
  const choices = [
    { value: 'Succeeded', label: t.releases.resolveSucceeded, hint: t.releases.resolveSucceededHint },
    { value: 'Failed', label: t.releases.resolveFailed, hint: t.releases.resolveFailedHint },
  ] as const
  return (
    <FormDialog
      title={t.releases.resolveTitle(what)}
      submit={t.releases.resolveSubmit}
      running={send.isPending}
      held={outcome === undefined || reason.trim() === ''}
      error={send.error}
      onSubmit={() => outcome !== undefined && send.mutate(outcome)}
      onClose={onClose}
    >
      <div>{t.releases.resolveLead}</div>
      {view?.message !== undefined && <div className="note">{visibleText(view.message)}</div>}
      {choices.map(({ value, label, hint }) => (
        <label key={value} className="choice">
          <input type="radio" name="outcome" checked={outcome === value} onChange={() => setOutcome(value)} />
          <span>{label}</span>
          <span className="sub">{hint}</span>
        </label>
      ))}
      <Field
        label={t.releases.because}
        maxLength={1024}
        required
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
    </FormDialog>
  )
}
