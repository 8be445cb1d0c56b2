import type { ApplicationDetail, MatrixCell, MatrixTarget } from '@flotilla/api'
import { ActionButton } from '../actions/action-button.tsx'
import type { Action } from '../actions/action.ts'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { Health } from '../status/health.tsx'
import type { CellKey } from './cell-key.ts'
import { listValuePaths } from './value-paths.ts'
import { WhoSet } from './who-set.tsx'
import { specOf } from './spec-of.ts'

interface CellPanelProps {
  readonly detail: ApplicationDetail
  readonly cell: MatrixCell
  readonly target: MatrixTarget
  readonly cellKey: CellKey
  readonly actions: readonly Action[]
  readonly onClose: () => void
}

/** One component in one cluster: wanted, seen, why, and who set a value. */
export function CellPanel({ detail, cell, target, cellKey, actions, onClose }: CellPanelProps) {
  const { t } = useText()
  const spec = specOf(detail)
  const place = [detail.workspace, detail.project, detail.name].filter((part) => part !== undefined).join(' / ')
  return (
    <aside className="panel side" aria-label={t.app.inCluster(cell.component, cell.cluster)}>
      <div className="row">
        <h2>{t.app.inCluster(cell.component, cell.cluster)}</h2>
        <button type="button" className="plain push muted" aria-label={t.app.closePanel} onClick={onClose}>
          ×
        </button>
      </div>
      <div className="sub" style={{ marginBottom: 10 }}>
        {place} · {t.app.namespace(cell.namespace)}
      </div>
      <CellFacts cell={cell} target={target} />
      {detail.matrix.components.find(({ name }) => name === cell.component)?.type === 'helm' && (
        <WhoSet
          project={detail.project}
          application={detail.name}
          cell={cellKey}
          paths={spec === undefined ? [] : listValuePaths(spec, cell.component)}
        />
      )}
      <div className="row wrap side-actions">
        {actions.map((action) => (
          <ActionButton key={action.id} action={action} />
        ))}
      </div>
    </aside>
  )
}

/** `registry.example/shop/web:1.4.3@sha256:...` as one reads it: `web:1.4.3`. */
const shortImage = (image: string): string => image.replace(/@sha256:[0-9a-f]+$/, '').replace(/^.*\//, '')

function CellFacts({ cell, target }: { cell: MatrixCell; target: MatrixTarget }) {
  const { t } = useText()
  const wanted = [
    cell.nextVersion ?? cell.version ?? '—',
    ...(cell.wanted === undefined ? [] : [t.app.pods(cell.wanted)]),
  ]
  const why = [cell.message, target.message].find((text) => text !== undefined && text !== '')
  const facts: [string, React.ReactNode][] = [
    [t.app.wanted, <span className="v">{wanted.join(' · ')}</span>],
    [t.app.seen, <Seen cell={cell} target={target} />],
  ]
  if (why !== undefined) facts.push([t.app.why, visibleText(why)])
  if (target.waitingFor !== undefined) {
    facts.push([
      t.app.waitingFor,
      <>
        {target.waitingFor}{' '}
        {target.waitingSince !== undefined && (
          <span className="sub">
            <Time at={target.waitingSince} as="span" />
          </span>
        )}
      </>,
    ])
  } else if (target.phase !== undefined && target.phase !== 'Settled') facts.push([t.app.phase, target.phase])
  if (cell.drift !== 'None') facts.push([t.app.drift, t.app.driftText[cell.drift]])
  if (target.helmChanged !== undefined) facts.push([t.app.helm, visibleText(target.helmChanged)])
  if (target.revision !== undefined) facts.push([t.app.revision, String(target.revision)])
  if (cell.images.length > 0) {
    facts.push([
      t.app.images,
      <span className="v" title={cell.images.join('\n')}>
        {cell.images.map(shortImage).join(', ')}
      </span>,
    ])
  }
  return (
    <dl className="kv">
      {facts.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Seen({ cell, target }: { cell: MatrixCell; target: MatrixTarget }) {
  const { t } = useText()
  if (target.unknownSince !== undefined) {
    return (
      <span className="hatched">
        <Health state="Unknown" />
        <span className="sub">
          {t.app.lastSeen} <Time at={target.unknownSince} />
        </span>
      </span>
    )
  }
  return (
    <span className="status">
      <Health state={cell.health} />
      {cell.ready !== undefined && <span className="sub">{t.app.podsReady(cell.ready)}</span>}
    </span>
  )
}
