import type { PodRow } from '@flotilla/api'
import type { KeyboardEvent } from 'react'
import { Time } from '../components/time.tsx'
import { openLogs, openShell } from '../dock/dock-store.ts'
import { useText } from '../i18n/text.ts'
import { mayTakeKey } from '../keyboard/may-take-key.ts'
import { StatusIcon } from '../status/status-icon.tsx'

interface PodsTableProps {
  readonly rows: readonly PodRow[]
  readonly project: string
  readonly application: string
}

/** Pods with why they are not ready; from a crash its logs and its exit code are one click away. */
export function PodsTable({ rows, project, application }: PodsTableProps) {
  const { t } = useText()
  const logs = (row: PodRow, previous: boolean) =>
    openLogs({ project, application, clusters: [row.cluster], namespace: row.namespace, pod: row.name, previous })
  const shell = ({ cluster, namespace, name }: PodRow) => openShell({ cluster, namespace, pod: name })
  const press = (event: KeyboardEvent, row: PodRow) => {
    const act = { l: () => logs(row, false), p: () => logs(row, true), s: () => shell(row) }[event.key]
    if (act === undefined || !mayTakeKey(event.nativeEvent, undefined)) return
    // the key of the selected component is another one
    event.preventDefault()
    act()
  }
  return (
    <table className="table" aria-label="Pods">
      <thead>
        <tr>
          <th scope="col">Pod</th>
          <th scope="col">{t.fleet.state}</th>
          <th scope="col">{t.app.reason}</th>
          <th scope="col">{t.app.node}</th>
          <th scope="col">{t.fleet.since}</th>
          <th scope="col">{t.app.logs}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const exit = row.containers.find(({ lastExit }) => lastExit !== undefined)?.lastExit
          const ready = row.ready === row.containers.length
          return (
            <tr key={`${row.cluster}/${row.namespace}/${row.name}`} onKeyDown={(event) => press(event, row)}>
              <td className="v">{row.name}</td>
              <td>
                <span className="status">
                  <StatusIcon
                    look={
                      ready || row.phase === 'Succeeded'
                        ? 'healthy'
                        : row.reason === undefined
                          ? 'progressing'
                          : 'failed'
                    }
                  />
                  {row.phase} <span className="sub">{t.app.ready(row.ready, row.containers.length)}</span>
                </span>
              </td>
              <td>
                {row.reason}{' '}
                <span className="sub">
                  {row.restarts > 0 && t.app.restarts(row.restarts)}
                  {exit !== undefined && ` · ${t.app.exit(exit.code, exit.reason)}`}
                </span>
              </td>
              <td className="muted">{row.node}</td>
              <td>{row.createdAt !== undefined && <Time at={row.createdAt} as="span" />}</td>
              <td>
                <button type="button" className="plain accent" onClick={() => logs(row, false)}>
                  {t.app.logs}
                </button>
                {row.restarts > 0 && (
                  <button
                    type="button"
                    className="plain accent"
                    style={{ marginLeft: 12 }}
                    onClick={() => logs(row, true)}
                  >
                    {t.app.previousLogs}
                  </button>
                )}
                <button type="button" className="plain accent" style={{ marginLeft: 12 }} onClick={() => shell(row)}>
                  {t.terminal.entry}
                </button>
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
