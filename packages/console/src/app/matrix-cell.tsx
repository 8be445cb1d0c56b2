import type { MatrixCell, MatrixTarget } from '@flotilla/api'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { lookOf } from '../status/health-look.ts'
import { StatusIcon } from '../status/status-icon.tsx'

interface TargetCellProps {
  readonly cell: MatrixCell | undefined
  readonly target: MatrixTarget
  readonly selected: boolean
  readonly onSelect: () => void
}

/** One component in one cluster: shape and colour, version, what is its own, how many pods, and why not. */
export function TargetCell({ cell, target, selected, onSelect }: TargetCellProps) {
  const { t } = useText()
  if (cell === undefined) {
    return (
      <span className="cell">
        <StatusIcon look="suspended" label={t.app.notPlaced} />
        <span>
          <span className="v">—</span>
          <span className="sub">{t.app.notPlaced}</span>
        </span>
      </span>
    )
  }
  const look = lookOf(cell.health)
  const { version, nextVersion } = cell
  const changes = nextVersion !== undefined && nextVersion !== version
  return (
    <button
      type="button"
      className={`plain cell b-${look} ${selected ? 'sel' : ''}`}
      aria-pressed={selected}
      onClick={onSelect}
    >
      <span className="visually-hidden">
        {t.app.inCluster(cell.component, cell.cluster)}: {t.status.health[cell.health]}{' '}
      </span>
      <StatusIcon look={look} />
      <span>
        <span className="v">
          {changes ? t.app.changing(version ?? '—', nextVersion) : (version ?? nextVersion ?? '—')}
        </span>
        {cell.ownOverrides > 0 && (
          <span className="ov" title={t.app.ownTitle(cell.ownOverrides)}>
            {t.app.own(cell.ownOverrides)}
          </span>
        )}
        <span className="sub">
          <CellSays cell={cell} target={target} />
        </span>
      </span>
    </button>
  )
}

/** The second line: what cannot be seen comes before what was seen. */
function CellSays({ cell, target }: { cell: MatrixCell; target: MatrixTarget }) {
  const { t } = useText()
  if (cell.health === 'Unknown' && target.unknownSince !== undefined) {
    return (
      <>
        {t.status.lost} · <Time at={target.unknownSince} as="span" />
      </>
    )
  }
  const parts = [
    ...(cell.ready === undefined || !cell.wanted ? [] : [t.app.ready(cell.ready, cell.wanted)]),
    ...(cell.drift === 'Drifted' ? [t.app.drifted] : []),
    ...(cell.message === undefined || cell.message === '' || cell.health === 'Healthy'
      ? []
      : [visibleText(cell.message)]),
  ]
  const text = parts.length === 0 ? t.status.health[cell.health] : parts.join(' · ')
  return <span title={text}>{text}</span>
}
