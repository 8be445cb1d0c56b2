import type { ObjectRow, PodRow } from '@flotilla/api'
import { useQuery } from '@tanstack/react-query'
import { Suspense, lazy, useState } from 'react'
import { Failures } from '../components/failures.tsx'
import { Problem } from '../components/problem.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { useText } from '../i18n/text.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import type { CellKey } from './cell-key.ts'
import { ObjectsTable } from './objects-table.tsx'
import { PodsTable } from './pods-table.tsx'

const ManifestDialog = lazy(async () => ({ default: (await import('./manifest-dialog.tsx')).ManifestDialog }))

interface ObjectsPanelProps {
  readonly project: string
  readonly application: string
  readonly cell: CellKey
}

/** Pods change by themselves and are not in the stream: they are asked for again while they are looked at. */
const againMs = 5000

/** What is delivered for a component in a cluster, and the pods that came of it. */
export function ObjectsPanel({ project, application, cell }: ObjectsPanelProps) {
  const { t } = useText()
  const part = { cluster: [cell.cluster], namespace: cell.namespace, component: [cell.component] }
  const params = { project, application }
  const objects = useQuery({
    queryKey: keys.ofApplication(project, application, 'objects', part),
    queryFn: ({ signal }) => api.applications.objects({ params, query: part, signal }),
    refetchInterval: againMs,
  })
  const pods = useQuery({
    queryKey: keys.ofApplication(project, application, 'pods', part),
    queryFn: ({ signal }) => api.applications.pods({ params, query: part, signal }),
    refetchInterval: againMs,
  })
  const [shown, setShown] = useState<ObjectRow>()
  const podRows: readonly PodRow[] = pods.data?.items ?? []
  return (
    <section className="panel" aria-label={t.app.objects}>
      <header>
        <h2>{t.app.objects}</h2>
        <span className="sub">{t.app.inCluster(cell.component, cell.cluster)}</span>
      </header>
      {objects.isPending && <SkeletonRows rows={4} />}
      {objects.isError && <Problem error={objects.error} />}
      {pods.isError && <Problem error={pods.error} />}
      {objects.data !== undefined && (
        <>
          <Failures failures={objects.data.failures} />
          {objects.data.items.length === 0 && <div className="panel-empty">{t.app.noObjects}</div>}
          <ObjectsTable rows={objects.data.items} onOpen={setShown} />
        </>
      )}
      {podRows.length > 0 && <PodsTable rows={podRows} {...params} />}
      <Suspense>
        {shown !== undefined && <ManifestDialog {...params} row={shown} onClose={() => setShown(undefined)} />}
      </Suspense>
    </section>
  )
}
