import type { AuditResult } from '@flotilla/api'
import { useText } from '../i18n/text.ts'
import { StatusIcon } from '../status/status-icon.tsx'

const looks = { begun: 'progressing', allowed: 'healthy', denied: 'degraded', failed: 'failed' } as const

export function AuditResultMark({ result }: { result: AuditResult }) {
  const { t } = useText()
  return (
    <span className="status">
      <StatusIcon look={looks[result]} />
      <span className={looks[result]}>{t.audit.results[result]}</span>
    </span>
  )
}
