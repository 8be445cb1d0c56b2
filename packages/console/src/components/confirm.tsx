import { Button, Modal } from 'antd'
import { type ReactNode, useState } from 'react'
import { useText } from '../i18n/text.ts'
import { Problem } from './problem.tsx'

interface ConfirmProps {
  readonly title: string
  readonly lead: ReactNode
  readonly submit: string
  readonly onConfirm: () => Promise<void>
  readonly onClose: () => void
}

/** Asks before something that takes away; what was refused is said where it was asked. */
export function Confirm({ title, lead, submit, onConfirm, onClose }: ConfirmProps) {
  const { t } = useText()
  const [state, setState] = useState<{ running: boolean; error?: unknown }>({ running: false })
  const run = async () => {
    setState({ running: true })
    try {
      await onConfirm()
      onClose()
    } catch (error) {
      setState({ running: false, error })
    }
  }
  return (
    <Modal open title={title} onCancel={onClose} footer={null} width={460}>
      <div className="form">
        <div>{lead}</div>
        {state.error !== undefined && <Problem error={state.error} />}
        <div className="row">
          <span className="push" />
          <Button onClick={onClose}>{t.shell.cancel}</Button>
          <Button type="primary" danger loading={state.running} onClick={() => void run()}>
            {submit}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
