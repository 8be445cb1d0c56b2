import type { ApplicationDetail } from '@flotilla/api'
import { useText } from '../i18n/text.ts'
import type { CellKey } from './cell-key.ts'
import { DifferencePanel } from './difference-panel.tsx'
import { EventsTable } from './events-table.tsx'
import { ObjectsPanel } from './objects-panel.tsx'

export const cellViews = ['difference', 'objects', 'events'] as const
export type CellViewName = (typeof cellViews)[number]
export const parseCellView = (text: string): CellViewName | undefined => cellViews.find((view) => view === text)

/** What a cell opens below the matrix. */
export function CellView({ detail, cell, view }: { detail: ApplicationDetail; cell: CellKey; view: CellViewName }) {
  const { t } = useText()
  const of = { project: detail.project, application: detail.name }
  switch (view) {
    case 'difference':
      return <DifferencePanel {...of} cell={cell} />
    case 'objects':
      return <ObjectsPanel {...of} cell={cell} />
    case 'events':
      return (
        <section className="panel" aria-label={t.app.events}>
          <header>
            <h2>{t.app.events}</h2>
            <span className="sub">{t.app.inCluster(cell.component, cell.cluster)}</span>
          </header>
          <EventsTable
            {...of}
            part={{ cluster: [cell.cluster], component: [cell.component], namespace: cell.namespace }}
          />
        </section>
      )
    default:
      return view satisfies never
  }
}
