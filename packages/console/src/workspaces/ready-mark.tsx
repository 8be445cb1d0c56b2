import { useText } from '../i18n/text.ts'
import { StatusIcon } from '../status/status-icon.tsx'

/** Ready or not, and why not. */
export function ReadyMark({ ready, message }: { ready: boolean; message?: string | undefined }) {
  const { t } = useText()
  const look = ready ? 'healthy' : 'progressing'
  return (
    <span className="status" title={message}>
      <StatusIcon look={look} />
      <span className={look}>{ready ? t.workspaces.ready : t.workspaces.waiting}</span>
      {!ready && message !== undefined && <span className="sub clip">{message}</span>}
    </span>
  )
}
