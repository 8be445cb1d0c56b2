import { Button, Modal } from 'antd'
import { useState } from 'react'
import { useText } from '../i18n/text.ts'
import { Problem } from './problem.tsx'

interface KeepOrDeleteProps {
  readonly title: string
  readonly lead: string
  /** Said when what is delivered cannot be reached now. */
  readonly warning?: string | undefined
  readonly keep: { readonly label: string; readonly hint: string }
  readonly delete: { readonly label: string; readonly hint: string }
  readonly submit: string
  readonly onRemove: (objects: 'keep' | 'delete') => Promise<void>
  readonly onClose: () => void
}

/** Removing something that delivers always asks what becomes of what it delivered; nothing is chosen beforehand. */
export function KeepOrDelete(props: KeepOrDeleteProps) {
  const { t } = useText()
  const [choice, setChoice] = useState<'keep' | 'delete'>()
  const [state, setState] = useState<{ running: boolean; error?: unknown }>({ running: false })
  const remove = async () => {
    if (choice === undefined) return
    setState({ running: true })
    try {
      await props.onRemove(choice)
      props.onClose()
    } catch (error) {
      setState({ running: false, error })
    }
  }
  return (
    <Modal open title={props.title} onCancel={props.onClose} footer={null} width={480}>
      <div className="form">
        <div>{props.lead}</div>
        {props.warning !== undefined && <div className="note">{props.warning}</div>}
        {(['keep', 'delete'] as const).map((value) => (
          <label key={value} className="choice">
            <input type="radio" name="objects" checked={choice === value} onChange={() => setChoice(value)} />
            <span>{props[value].label}</span>
            <span className="sub">{props[value].hint}</span>
          </label>
        ))}
        {state.error !== undefined && <Problem error={state.error} />}
        <div className="row">
          <span className="push" />
          <Button onClick={props.onClose}>{t.shell.cancel}</Button>
          <Button
            type="primary"
            danger
            disabled={choice === undefined}
            loading={state.running}
            onClick={() => void remove()}
          >
            {props.submit}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
