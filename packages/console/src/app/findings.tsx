import type { ApplicationDetail } from '@flotilla/api'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import type { Look } from '../status/health-look.ts'
import { StatusIcon } from '../status/status-icon.tsx'

type Finding = ApplicationDetail['findings'][number]

const looks: Record<Finding['severity'], Look> = { Error: 'failed', Warning: 'degraded', Info: 'progressing' }

/** What is worth knowing about the application as it is written: an override that matches nothing, a chart that renders differently. */
export function Findings({ findings }: { findings: readonly Finding[] }) {
  const { t } = useText()
  if (findings.length === 0) return null
  return (
    <section className="panel" aria-label={t.app.findings}>
      <header>
        <h2>{t.app.findings}</h2>
      </header>
      <ul className="findings">
        {findings.map((finding, index) => (
          <li key={index}>
            <StatusIcon look={looks[finding.severity]} label={finding.severity} />
            <span>
              {visibleText(finding.message)}{' '}
              <span className="sub">
                {[finding.component, finding.cluster, finding.field].filter((part) => part !== undefined).join(' · ')}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
