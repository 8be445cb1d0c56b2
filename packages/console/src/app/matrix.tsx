import type { ApplicationDetail, MatrixTarget } from '@flotilla/api'
import { useText } from '../i18n/text.ts'
import { setAll, useSearch } from '../place/use-search.ts'
import { useClusters } from '../query/use-fleet.ts'
import { type CellKey, writeCellKey } from './cell-key.ts'
import { GroupMatrixCell } from './group-cell.tsx'
import { TargetCell } from './matrix-cell.tsx'
import { MatrixHead } from './matrix-head.tsx'
import { computeColumns, indexCells, summariseCells } from './matrix-model.ts'
import './matrix.css'

interface MatrixProps {
  readonly detail: ApplicationDetail
  /** Clusters of the filter; undefined shows all. */
  readonly clusters: readonly string[] | undefined
  readonly selected: CellKey | undefined
  readonly onSelect: (key: CellKey) => void
}

/** Component by cluster: every cell its version and its health, live. */
export function Matrix({ detail, clusters, selected, onSelect }: MatrixProps) {
  const { t } = useText()
  const { data: fleet = [] } = useClusters()
  const [search, changeSearch] = useSearch()
  const opened = new Set(search.getAll('open'))
  const { components, cells } = detail.matrix
  const targets = detail.matrix.targets.filter(({ cluster }) => clusters === undefined || clusters.includes(cluster))
  const environments = new Set(targets.map(({ environment }) => environment))
  const columns = computeColumns(targets, fleet, opened)
  const cellOf = indexCells(cells)
  const selectedKey = selected === undefined ? '' : writeCellKey(selected)
  const toggle = (group: string) =>
    changeSearch((after) => {
      const groups = after.getAll('open')
      setAll(after, 'open', groups.includes(group) ? groups.filter((name) => name !== group) : [...groups, group])
    })
  const keyOf = (component: string, { cluster, namespace }: MatrixTarget) => ({ component, cluster, namespace })
  return (
    <div className="panel matrix-scroll">
      <table className="matrix" aria-label={t.app.matrix}>
        <MatrixHead columns={columns} showEnvironment={environments.size > 1} onToggle={toggle} />
        <tbody>
          {components.map((component) => (
            <tr key={component.name}>
              <th scope="row">
                {component.name}
                <div className="sub clip" title={component.source}>
                  {component.type === 'helm' ? 'Helm' : component.type} · {component.version ?? component.source}
                </div>
              </th>
              {columns.map((column) =>
                column.type === 'target' ? (
                  <td key={column.key}>
                    <TargetCell
                      cell={cellOf(component.name, column.target)}
                      target={column.target}
                      selected={writeCellKey(keyOf(component.name, column.target)) === selectedKey}
                      onSelect={() => onSelect(keyOf(component.name, column.target))}
                    />
                  </td>
                ) : (
                  <td key={column.key}>
                    <GroupMatrixCell
                      summary={summariseCells(column.targets.flatMap((target) => cellOf(component.name, target) ?? []))}
                      onOpen={() => toggle(column.name)}
                    />
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
