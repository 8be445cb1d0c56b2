import type { ApplicationRow } from '@flotilla/api'
import { useText } from '../i18n/text.ts'
import { lookOf } from '../status/health-look.ts'
import { StatusIcon } from '../status/status-icon.tsx'

/** More targets than this are counted, not drawn. */
const mostDrawn = 5

/** One shape per target, and how many are healthy of all. */
export function TargetDots({ row }: { row: ApplicationRow }) {
  const { t } = useText()
  const unwell = row.clusters.filter(({ health }) => health !== 'Healthy')
  const drawn = (row.clusters.length <= mostDrawn ? row.clusters : unwell).slice(0, mostDrawn)
  return (
    <span className="status">
      {drawn.map(({ cluster, namespace, health }) => (
        <span key={`${cluster}/${namespace}`} className="dot" title={`${cluster}: ${t.status.health[health]}`}>
          <StatusIcon look={lookOf(health)} label={`${cluster}: ${t.status.health[health]}`} />
        </span>
      ))}
      <span className="sub">{t.apps.targetsHealthy(row.targets.healthy, row.targets.total)}</span>
    </span>
  )
}
