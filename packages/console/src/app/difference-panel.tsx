import { useQuery } from '@tanstack/react-query'
import { Failures } from '../components/failures.tsx'
import { Problem } from '../components/problem.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { DifferenceList } from '../difference/difference-list.tsx'
import { useText } from '../i18n/text.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import type { CellKey } from './cell-key.ts'

interface DifferencePanelProps {
  readonly project: string
  readonly application: string
  readonly cell: CellKey
}

/** What the cluster has against what is wanted, object by object. */
export function DifferencePanel({ project, application, cell }: DifferencePanelProps) {
  const { t } = useText()
  const part = { cluster: [cell.cluster], namespace: cell.namespace, component: [cell.component] }
  const difference = useQuery({
    queryKey: keys.ofApplication(project, application, 'difference', part),
    queryFn: ({ signal }) => api.applications.difference({ params: { project, application }, query: part, signal }),
    staleTime: 0,
  })
  const { data } = difference
  return (
    <section className="panel" aria-label={t.app.differenceTitle}>
      <header>
        <h2>{t.app.differenceTitle}</h2>
        <span className="sub">
          {data !== undefined && t.app.differenceCount(data.items.length, data.items.length + data.unchanged)} ·{' '}
          {cell.cluster}
        </span>
      </header>
      {difference.isPending && <SkeletonRows rows={4} />}
      {difference.isError && <Problem error={difference.error} />}
      {data !== undefined && (
        <>
          <Failures failures={data.failures} />
          {data.items.length === 0 && data.failures.length === 0 && (
            <div className="panel-empty">{t.app.differenceNone}</div>
          )}
          <DifferenceList items={data.items} showCluster={false} />
        </>
      )}
    </section>
  )
}
