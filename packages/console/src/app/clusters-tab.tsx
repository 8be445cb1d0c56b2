import type { ApplicationDetail } from '@flotilla/api'
import { EmptyState } from '../components/empty-state.tsx'
import { useText } from '../i18n/text.ts'
import { useKeys } from '../keyboard/use-keys.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useSearch } from '../place/use-search.ts'
import { type CellKey, parseCellKey, writeCellKey } from './cell-key.ts'
import { CellPanel } from './cell-panel.tsx'
import { CellView, type CellViewName, parseCellView } from './cell-view.tsx'
import { Findings } from './findings.tsx'
import { Matrix } from './matrix.tsx'
import { useCellActions } from './use-cell-actions.ts'

const cellParam = 'cell'
const viewParam = 'show'

/** The matrix, what is selected in it, and what that opens. */
export function ClustersTab({ detail }: { detail: ApplicationDetail }) {
  const { t } = useText()
  const { names, set } = useClusterFilter()
  const [search, changeSearch] = useSearch()
  const wanted = parseCellKey(search.get(cellParam) ?? '')
  const { cells, targets } = detail.matrix
  const same = (one: { cluster: string; namespace: string }) =>
    one.cluster === wanted?.cluster && one.namespace === wanted.namespace
  const cell = cells.find((one) => one.component === wanted?.component && same(one))
  const target = targets.find(same)
  const view = parseCellView(search.get(viewParam) ?? '')

  const move = (key: CellKey | undefined, show: CellViewName | undefined) =>
    changeSearch((after) => {
      const values = [
        [cellParam, key === undefined ? undefined : writeCellKey(key)],
        [viewParam, show],
      ] as const
      for (const [name, value] of values) {
        if (value === undefined) after.delete(name)
        else after.set(name, value)
      }
    })
  const actions = useCellActions(detail, cell, view, (show) => move(wanted, show))
  const logs = actions.find(({ id }) => id === 'cell.logs')
  const previous = actions.find(({ id }) => id === 'cell.previous')
  useKeys({
    l: logs === undefined ? undefined : () => void logs.run(),
    p: previous === undefined ? undefined : () => void previous.run(),
    Escape: wanted === undefined ? undefined : () => move(undefined, undefined),
  })
  const shown = names === undefined || targets.some(({ cluster }) => names.includes(cluster))
  if (targets.length === 0) return <EmptyState title={t.sentence.headline.unplaced('')} hint={detail.sentence.detail} />
  if (!shown) {
    return (
      <EmptyState title={t.empty.filteredOut} hint={t.empty.filteredOutHint(0, targets.length)}>
        <button type="button" className="chip" onClick={() => set([])}>
          {t.empty.clearFilter}
        </button>
      </EmptyState>
    )
  }
  return (
    <div className={cell === undefined ? 'split' : 'split with-side'}>
      <div className="stack">
        <Matrix detail={detail} clusters={names} selected={wanted} onSelect={(key) => move(key, view)} />
        <Findings findings={detail.findings} />
        {cell !== undefined && wanted !== undefined && view !== undefined && (
          <CellView detail={detail} cell={wanted} view={view} />
        )}
      </div>
      {cell !== undefined && target !== undefined && wanted !== undefined && (
        <CellPanel
          detail={detail}
          cell={cell}
          target={target}
          cellKey={wanted}
          actions={actions.filter(({ id }) => id !== 'cell.previous')}
          onClose={() => move(undefined, undefined)}
        />
      )}
    </div>
  )
}
