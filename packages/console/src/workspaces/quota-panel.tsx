import type { ProjectDetail } from '@flotilla/api'
import type { Action } from '../actions/action.ts'
import { ActionButton } from '../actions/action-button.tsx'
import { EmptyState } from '../components/empty-state.tsx'
import { useText } from '../i18n/text.ts'
import { useWorkspace } from '../query/use-tenants.ts'
import { AmountBar } from './amount-bar.tsx'
import { quotaRows, ratioIn, shareRows, showQuantity } from '@flotilla/model/quota-figures'
import '../styles/table.css'
import './workspaces.css'

/** What a project asks for, has and uses, in all and in each of its namespaces. */
export function QuotaPanel({ detail, change }: { detail: ProjectDetail; change: Action }) {
  const { t } = useText()
  const { data: workspace } = useWorkspace(detail.workspace)
  const rows = quotaRows(detail.quota)
  const left = new Map(shareRows(workspace?.quota).map((row) => [row.resource, row.left]))
  const problem = detail.conditions.find(({ type, status }) => type === 'QuotaExceeded' && status === 'True')
  if (rows.length === 0) {
    return (
      <div className="panel">
        <EmptyState title={t.quota.none} hint={t.quota.noneHint} />
        <div className="row panel-empty">
          <ActionButton action={change} />
        </div>
      </div>
    )
  }
  return (
    <div className="quota">
      {problem !== undefined && (
        <div className="note" role="note">
          {problem.message}
        </div>
      )}
      <section className="panel" aria-label={t.quota.inAll}>
        <header>
          <h2>{t.quota.inAll}</h2>
          <span className="push" />
          <ActionButton small action={change} />
        </header>
        <div className="table-scroll">
          <table className="table" aria-label={t.quota.inAll}>
            <thead>
              <tr>
                <th scope="col">{t.quota.resource}</th>
                <th scope="col">{t.quota.used}</th>
                <th scope="col" className="end">
                  {t.quota.asked}
                </th>
                <th scope="col" className="end">
                  {t.quota.granted}
                </th>
                {left.size > 0 && (
                  <th scope="col" className="end">
                    {t.quota.left}
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.resource}>
                  <td>{row.resource}</td>
                  <td>
                    <AmountBar
                      label={`${t.quota.used} ${row.resource}`}
                      ratio={row.ratio}
                      text={
                        row.used === undefined
                          ? t.quota.notSaid
                          : t.quota.of(row.atLeast ? t.quota.atLeast(row.used) : row.used, row.granted ?? '—')
                      }
                    />
                  </td>
                  <td className="end v">{row.asked ?? '—'}</td>
                  <td className="end v">{row.granted ?? '—'}</td>
                  {left.size > 0 && <td className="end v">{left.get(row.resource) ?? t.quota.unbounded}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <PerTarget detail={detail} resources={rows.map(({ resource }) => resource)} />
    </div>
  )
}

function PerTarget({ detail, resources }: { detail: ProjectDetail; resources: readonly string[] }) {
  const { t } = useText()
  const targets = detail.quota?.targets ?? []
  if (targets.length === 0) return null
  return (
    <section className="panel" aria-label={t.quota.perTarget}>
      <header>
        <h2>{t.quota.perTarget}</h2>
        <span className="sub">{t.quota.age}</span>
      </header>
      <div className="table-scroll">
        <table className="table" aria-label={t.quota.perTarget}>
          <thead>
            <tr>
              <th scope="col">{t.projects.cluster}</th>
              <th scope="col">{t.projects.namespace}</th>
              {resources.map((resource) => (
                <th key={resource} scope="col">
                  {resource}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {targets.map(({ cluster, namespace, allocated, used }) => (
              <tr key={`${cluster}/${namespace}`}>
                <td>{cluster}</td>
                <td className="v">{namespace}</td>
                {resources.map((resource) => (
                  <td key={resource}>
                    <AmountBar
                      label={`${cluster} ${resource}`}
                      ratio={ratioIn(resource, used, allocated)}
                      text={t.quota.of(
                        showQuantity(resource, used?.[resource]) ?? t.quota.notSaid,
                        showQuantity(resource, allocated[resource]) ?? '—',
                      )}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
