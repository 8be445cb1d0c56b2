import type { ApplicationDetail, MatrixCell } from '@flotilla/api'
import { type Action, allowed, refused } from '../actions/action.ts'
import { openLogs } from '../dock/dock-store.ts'
import { useText } from '../i18n/text.ts'
import type { CellViewName } from './cell-view.tsx'

/** What a cell opens. A cell that cannot be seen has no logs to read now, and says so. */
export function useCellActions(
  detail: ApplicationDetail,
  cell: MatrixCell | undefined,
  view: CellViewName | undefined,
  show: (view: CellViewName | undefined) => void,
): Action[] {
  const { t } = useText()
  if (cell === undefined) return []
  const target = detail.matrix.targets.find(
    ({ cluster, namespace }) => cluster === cell.cluster && namespace === cell.namespace,
  )
  const lost = target?.connection?.state === 'lost'
  const seen = lost ? refused(t.empty.clusterUnreachable(cell.cluster)) : allowed
  const open = (name: CellViewName, label: string): Action => ({
    id: `cell.${name}`,
    label,
    may: allowed,
    primary: view === name,
    run: () => show(view === name ? undefined : name),
  })
  const logs = (previous: boolean) => () =>
    openLogs({
      project: detail.project,
      application: detail.name,
      component: cell.component,
      clusters: [cell.cluster],
      namespace: cell.namespace,
      previous,
    })
  return [
    open('difference', t.app.difference),
    open('objects', t.app.objects),
    open('events', t.app.events),
    { id: 'cell.logs', label: t.app.logs, may: seen, shortcut: 'l', run: logs(false) },
    { id: 'cell.previous', label: t.app.previousLogs, may: seen, shortcut: 'p', run: logs(true) },
  ]
}
