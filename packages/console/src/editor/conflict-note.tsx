import { Button } from 'antd'
import { useText } from '../i18n/text.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import type { Conflict } from './merge-values.ts'
import { resolvePath, setInText } from './patch-document.ts'

interface ConflictNoteProps {
  readonly conflicts: readonly Conflict[]
  readonly text: string
  readonly onText: (text: string) => void
  readonly onSettled: (left: readonly Conflict[]) => void
}

const write = (value: unknown): string => (value === undefined ? '—' : (JSON.stringify(value) ?? '—'))

/** Somebody else wrote meanwhile: what was put together, and where a person has to choose. */
export function ConflictNote({ conflicts, text, onText, onSettled }: ConflictNoteProps) {
  const { t } = useText()
  const take = (conflict: Conflict) => {
    // the place may be gone from the text by now; then there is nothing left to choose
    const path = resolvePath(text, conflict.path)
    if (path !== undefined) onText(setInText(text, path, conflict.theirs))
    onSettled(conflicts.filter((one) => one !== conflict))
  }
  return (
    <div className="note" role="alert">
      <StatusIcon look="degraded" />
      <div style={{ flex: 1, minWidth: 0 }}>
        <strong>{t.editor.conflictTitle}</strong>
        <div>{conflicts.length === 0 ? t.editor.conflictMerged : t.editor.conflictFields}</div>
        <ul className="conflicts">
          {conflicts.map((conflict) => (
            <li key={conflict.path.join('.')}>
              <span className="clip">
                <span className="v">{conflict.path.join('.')}</span>{' '}
                <span className="sub">
                  {t.editor.yours} {write(conflict.mine)} · {t.editor.theirs} {write(conflict.theirs)}
                </span>
              </span>
              <Button size="small" onClick={() => take(conflict)}>
                {t.editor.takeTheirs}
              </Button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}
