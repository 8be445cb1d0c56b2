import { useText } from '../i18n/text.ts'
import { lookOf } from '../status/health-look.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import type { GroupCell } from './matrix-model.ts'

/** A component over a group of clusters: how many of all are well, and how many cannot be seen. */
export function GroupMatrixCell({ summary, onOpen }: { summary: GroupCell | undefined; onOpen: () => void }) {
  const { t } = useText()
  if (summary === undefined) return <span className="cell faint">—</span>
  const look = lookOf(summary.health)
  const { versions, nextVersion } = summary
  const from = versions
    .filter((version) => version !== nextVersion)
    .slice(0, 2)
    .join(', ')
  // some of it is only what was last seen
  const hatched = summary.unknown > 0 && (summary.health === 'Unknown' || summary.health === 'Healthy')
  return (
    <button
      type="button"
      className={`plain cell b-${hatched ? 'unknown' : look}`}
      onClick={onOpen}
      title={t.app.expand}
    >
      <StatusIcon look={look} label={t.status.health[summary.health]} />
      <span>
        <span className="v">{nextVersion === undefined ? from || '—' : t.app.changing(from, nextVersion)}</span>
        <span className="sub">
          {t.app.sitesOf(summary.healthy, summary.total)}
          {summary.unknown > 0 && ` · ${t.status.unknownBeside(summary.unknown)}`}
        </span>
      </span>
    </button>
  )
}
