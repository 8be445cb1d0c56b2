import { StatusIcon } from '../status/status-icon.tsx'
import { useText } from '../i18n/text.ts'
import { dismiss, useNotices } from './notices.ts'
import './notices.css'

export function NoticeCorner() {
  const { t } = useText()
  return (
    <div className="notices" role="status" aria-live="polite">
      {useNotices().map((notice) => (
        <div key={notice.id} className="notice">
          <StatusIcon look={notice.bad ? 'failed' : 'healthy'} />
          <span>{notice.text}</span>
          {notice.action !== undefined && (
            <button
              type="button"
              className="plain do"
              onClick={() => {
                dismiss(notice.id)
                notice.action?.run()
              }}
            >
              {notice.action.label}
            </button>
          )}
          <button type="button" className="plain" aria-label={t.shell.close} onClick={() => dismiss(notice.id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  )
}
