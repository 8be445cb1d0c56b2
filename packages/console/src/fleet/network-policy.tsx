import type { ClusterDetail } from '@flotilla/api'
import { Time } from '../components/time.tsx'
import { useText } from '../i18n/text.ts'
import type { Look } from '../status/health-look.ts'
import { StatusIcon } from '../status/status-icon.tsx'

const looks: Record<NonNullable<ClusterDetail['networkPolicy']>['state'], Look> = {
  Enforced: 'healthy',
  NotEnforced: 'degraded',
  Unknown: 'unknown',
}

/** Whether the cluster acts on network policies, how that was found, and when. */
export function NetworkPolicy({ measured }: { measured: ClusterDetail['networkPolicy'] }) {
  const { t } = useText()
  if (measured === undefined) return <span className="muted">{t.network.notMeasured}</span>
  const { state, message, checkedAt } = measured
  return (
    <>
      <span className="status">
        <StatusIcon look={looks[state]} />
        <span className={looks[state]}>{t.network.cluster[state]}</span>
      </span>
      <div className="sub">
        {message} · {t.network.checked} <Time at={checkedAt} />
      </div>
    </>
  )
}
