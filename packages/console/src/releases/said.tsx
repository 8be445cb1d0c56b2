import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'

interface SaidProps {
  readonly message: string | undefined
  readonly waitingFor: string | undefined
  readonly since: string | undefined
}

/** Why something is so, and what it waits for since when. */
export function Said({ message, waitingFor, since }: SaidProps) {
  const { t } = useText()
  return (
    <>
      {message !== undefined && message !== '' && <div className="said">{visibleText(message)}</div>}
      {waitingFor !== undefined && waitingFor !== '' && (
        <div className="said">
          {t.rollouts.waits} {visibleText(waitingFor)}
          {since !== undefined && (
            <>
              {' · '}
              {t.releases.since} <Time at={since} as="clock" />
            </>
          )}
        </div>
      )}
    </>
  )
}
