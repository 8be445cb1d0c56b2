import type { ObjectRow } from '@flotilla/api'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { Health } from '../status/health.tsx'

/** Delivered objects with their health; each opens as YAML. */
export function ObjectsTable({ rows, onOpen }: { rows: readonly ObjectRow[]; onOpen: (row: ObjectRow) => void }) {
  const { t } = useText()
  if (rows.length === 0) return null
  return (
    <table className="table" aria-label={t.app.objects}>
      <thead>
        <tr>
          <th scope="col">{t.app.object}</th>
          <th scope="col">{t.apps.health}</th>
          <th scope="col" className="end">
            Pods
          </th>
          <th scope="col">{t.app.message}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.ref.group}/${row.ref.kind}/${row.ref.namespace}/${row.ref.name}`}>
            <td>
              <button type="button" className="plain accent" onClick={() => onOpen(row)}>
                <span className="muted">{row.ref.kind}</span> {row.ref.name}
              </button>
            </td>
            <td>
              <Health state={row.health} />
            </td>
            <td className="end">
              {row.ready === undefined || row.wanted === undefined ? '' : t.app.ready(row.ready, row.wanted)}
            </td>
            <td className="muted" title={row.message}>
              {visibleText(row.message)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
