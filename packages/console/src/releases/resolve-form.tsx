import { useState } from 'react'
import { Field } from '../components/field.tsx'
import { FormDialog } from '../components/form-dialog.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'

export interface Resolution {
  readonly outcome: 'Succeeded' | 'Failed'
  readonly reason: string
}

interface ResolveFormProps {
  readonly what: string
  /** What was last heard of it. */
  readonly said: string | undefined
  /** What comes of each answer. */
  readonly hints: Readonly<Record<Resolution['outcome'], string>>
  readonly held?: boolean
  readonly running: boolean
  readonly error: unknown
  readonly onSubmit: (outcome: Resolution['outcome'], reason: string) => void
  readonly onClose: () => void
}

/** Asks a person who has looked how something ended. Nothing is chosen beforehand. */
export function ResolveForm(props: ResolveFormProps) {
  const { what, said, hints, held = false, running, error, onSubmit, onClose } = props
  const { t } = useText()
  const [outcome, setOutcome] = useState<Resolution['outcome']>()
  const [reason, setReason] = useState('')
  const choices = [
    { value: 'Succeeded', label: t.releases.resolveSucceeded, hint: hints.Succeeded },
    { value: 'Failed', label: t.releases.resolveFailed, hint: hints.Failed },
  ] as const
  return (
    <FormDialog
      title={t.releases.resolveTitle(what)}
      submit={t.releases.resolveSubmit}
      running={running}
      held={held || outcome === undefined || reason.trim() === ''}
      error={error}
      onSubmit={() => outcome !== undefined && onSubmit(outcome, reason.trim())}
      onClose={onClose}
    >
      <div>{t.releases.resolveLead}</div>
      {said !== undefined && <div className="note">{visibleText(said)}</div>}
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
