import type { Failure } from '@flotilla/api'
import { useText } from '../i18n/text.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { Time } from './time.tsx'

/** Clusters that did not answer: what they would have said is missing, and that is said. */
export function Failures({ failures }: { failures: readonly Failure[] }) {
  const { t } = useText()
  if (failures.length === 0) return null
  return (
    <div className="note" role="note">
      <StatusIcon look="unknown" />
      <div>
        {failures.map((failure) => (
          <div key={failure.cluster}>
            {t.app.failure(failure.cluster, failure.reason)}
            {failure.since !== undefined && (
              <span className="sub">
                {' · '}
                <Time at={failure.since} />
              </span>
            )}
          </div>
        ))}
      </div>
    </div>
  )
}
