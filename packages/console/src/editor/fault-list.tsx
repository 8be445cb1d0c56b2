import { useText } from '../i18n/text.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { faultText } from './fault-text.ts'
import type { Finding } from './lint-document.ts'

/** What is wrong in the text, by line; the same that the editor underlines. */
export function FaultList({ faults }: { faults: readonly Finding[] }) {
  const { t } = useText()
  if (faults.length === 0) return null
  return (
    <section className="panel" aria-label={t.editor.problems(faults.length)}>
      <header>
        <h2>{t.editor.problems(faults.length)}</h2>
      </header>
      <ul className="faults" aria-live="polite">
        {faults.map((finding, index) => (
          <li key={index}>
            <StatusIcon look="failed" />
            {t.editor.problemAt(finding.line, faultText(finding.fault, t))}
          </li>
        ))}
      </ul>
    </section>
  )
}
