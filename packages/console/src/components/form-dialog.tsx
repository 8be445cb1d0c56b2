import { Button, Modal } from 'antd'
import { type ReactNode, useRef } from 'react'
import { useText } from '../i18n/text.ts'
import { Problem } from './problem.tsx'

interface FormDialogProps {
  readonly title: string
  readonly submit: string
  readonly running: boolean
  /** Why it may not be sent yet; the server's own refusal is `error`. */
  readonly held?: boolean
  readonly error: unknown
  readonly width?: number
  readonly onSubmit: () => void
  readonly onClose: () => void
  readonly children: ReactNode
}

/** A form in a dialog: its fields, what was refused, and what sends it. */
export function FormDialog(props: FormDialogProps) {
  const { t } = useText()
  const { error, held = false } = props
  const form = useRef<HTMLFormElement>(null)
  /** One begins to type, or to choose, where the form begins: the dialog would leave the focus beside it. */
  const focusFirst = (): void => {
    if (form.current?.contains(document.activeElement) !== true)
      form.current?.querySelector<HTMLElement>('input:enabled, select:enabled, textarea:enabled')?.focus()
  }
  return (
    <Modal
      open
      title={props.title}
      onCancel={props.onClose}
      footer={null}
      width={props.width ?? 520}
      destroyOnHidden
      afterOpenChange={(open) => open && focusFirst()}
    >
      <form
        ref={form}
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          if (!held) props.onSubmit()
        }}
      >
        {props.children}
        {error !== null && error !== undefined && <Problem error={error} />}
        <div className="row">
          <span className="push" />
          <Button onClick={props.onClose}>{t.shell.cancel}</Button>
          <Button type="primary" htmlType="submit" disabled={held} loading={props.running}>
            {props.submit}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
