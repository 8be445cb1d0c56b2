import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { Field } from './field.tsx'
import { FormDialog } from './form-dialog.tsx'

interface AskReasonProps {
  readonly title: string
  readonly lead: ReactNode
  readonly submit: string
  /** Said when it is done. */
  readonly done: string
  /** The reason may be empty. */
  readonly optional?: boolean
  readonly onSubmit: (reason: string) => Promise<unknown>
  /** What it changed is read again. */
  readonly onDone: () => void
  readonly onClose: () => void
}

/** Something that is done with a reason, which is kept. */
export function AskReason({ title, lead, submit, done, optional = false, onSubmit, onDone, onClose }: AskReasonProps) {
  const { t } = useText()
  const [reason, setReason] = useState('')
  const send = useMutation({
    mutationFn: () => onSubmit(reason.trim()),
    onSuccess() {
      notify(done)
      onDone()
      onClose()
    },
  })
  return (
    <FormDialog
      title={title}
      submit={submit}
      running={send.isPending}
      held={!optional && reason.trim() === ''}
      error={send.error}
      onSubmit={() => send.mutate()}
      onClose={onClose}
    >
      <div>{lead}</div>
      <Field
        label={optional ? t.releases.whyOptional : t.releases.because}
        maxLength={1024}
        required={!optional}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
    </FormDialog>
  )
}
