import type { ReleaseDetail } from '@flotilla/api'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Field } from '../components/field.tsx'
import { FormDialog } from '../components/form-dialog.tsx'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { refreshRelease } from '../query/use-releases.ts'

interface AskReasonProps {
  readonly detail: ReleaseDetail
  readonly title: string
  readonly lead: string
  readonly submit: string
  /** Said when it is done. */
  readonly done: string
  readonly onSubmit: (reason: string) => Promise<unknown>
  readonly onClose: () => void
}

/** Something that is done with a reason, which is kept. */
export function AskReason({ detail, title, lead, submit, done, onSubmit, onClose }: AskReasonProps) {
  const { t } = useText()
  const [reason, setReason] = useState('')
  const send = useMutation({
    mutationFn: () => onSubmit(reason.trim()),
    onSuccess() {
      notify(done)
      refreshRelease(detail.project, detail.name)
      onClose()
    },
  })
  return (
    <FormDialog
      title={title}
      submit={submit}
      running={send.isPending}
      held={reason.trim() === ''}
      error={send.error}
      onSubmit={() => send.mutate()}
      onClose={onClose}
    >
      <div>{lead}</div>
      <Field
        label={t.releases.because}
        maxLength={1024}
        required
        autoFocus
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
    </FormDialog>
  )
}
