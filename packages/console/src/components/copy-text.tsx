import { Button } from 'antd'
import { useRef } from 'react'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import './copy-text.css'

/** A text to take along. Where the browser gives no clipboard (plain http from another machine) it is marked instead. */
export function CopyText({ text, label }: { text: string; label: string }) {
  const { t } = useText()
  const shown = useRef<HTMLElement>(null)
  const mark = () => {
    const selection = getSelection()
    if (shown.current === null || selection === null) return
    selection.selectAllChildren(shown.current)
  }
  const copy = async () => {
    // absent outside of a secure context, whatever its type says
    const clipboard = navigator.clipboard as Clipboard | undefined
    if (clipboard === undefined) return mark()
    try {
      await clipboard.writeText(text)
      notify(t.shell.copied)
    } catch {
      mark()
    }
  }
  return (
    <div className="copy-text">
      <code ref={shown}>{text}</code>
      <Button size="small" aria-label={`${t.shell.copy}: ${label}`} onClick={() => void copy()}>
        {t.shell.copy}
      </Button>
    </div>
  )
}
