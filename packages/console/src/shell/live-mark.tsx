import { useText } from '../i18n/text.ts'
import type { LiveState } from '../live/run-live-stream.ts'
import { StatusIcon } from '../status/status-icon.tsx'

/** Says when what is on the screen may be old; silent while it is live. */
export function LiveMark({ state }: { state: LiveState }) {
  const { t } = useText()
  return (
    <div className="live-mark" role="status">
      {state === 'lost' && (
        <>
          <StatusIcon look="unknown" />
          {t.shell.reconnecting}
        </>
      )}
    </div>
  )
}
