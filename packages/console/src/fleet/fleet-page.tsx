import { Button } from 'antd'
import { Suspense, lazy } from 'react'
import { useNavigate, useParams } from 'react-router'
import { ActionButton } from '../actions/action-button.tsx'
import { DataTable } from '../components/data-table.tsx'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { FilterInput } from '../components/filter-input.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useParam } from '../place/use-param.ts'
import { useClusters } from '../query/use-fleet.ts'
import { Page } from '../shell/page.tsx'
import { clusterColumns } from './cluster-columns.tsx'
import { filterClusters } from './filter-clusters.ts'
import { FleetSentence } from './fleet-sentence.tsx'
import { useFleetActions } from './use-fleet-actions.ts'
import '../styles/table.css'

const AddCluster = lazy(async () => ({ default: (await import('./add-cluster.tsx')).AddCluster }))
const ClusterDrawer = lazy(async () => ({ default: (await import('./cluster-drawer.tsx')).ClusterDrawer }))
const KubectlDialog = lazy(async () => ({ default: (await import('../kubectl/kubectl-dialog.tsx')).KubectlDialog }))

export function FleetPage() {
  const { t } = useText()
  const { cluster } = useParams()
  const [adding, setAdding] = useParam('add')
  const [kubectlOpen, setKubectl] = useParam('kubectl')
  const { add, kubectl } = useFleetActions(
    () => setAdding('1'),
    () => setKubectl('1'),
  )
  const clusters = useClusters()
  return (
    <Page
      crumbs={[{ text: t.fleet.title }]}
      title={t.fleet.title}
      actions={
        <>
          <ActionButton action={kubectl} />
          <ActionButton action={add} />
        </>
      }
      sentence={<FleetSentence clusters={clusters.data ?? []} />}
      fill
    >
      <FleetBody />
      <Suspense>
        {adding !== '' && <AddCluster onClose={() => setAdding('')} />}
        {kubectlOpen !== '' && <KubectlDialog onClose={() => setKubectl('')} />}
        {cluster !== undefined && <ClusterDrawer name={cluster} />}
      </Suspense>
    </Page>
  )
}

function FleetBody() {
  const text = useText()
  const { t, f } = text
  const navigate = useNavigate()
  const clusters = useClusters()
  const { names, set, carry } = useClusterFilter()
  const [q, setQ] = useParam('q')
  const [sort, setSort] = useParam('sort', 'name')
  if (clusters.isPending) return <SkeletonRows />
  if (clusters.isError) {
    const right = { verb: 'list', resource: 'clusters', scope: 'flotilla' }
    return <Unreadable error={clusters.error} right={right} onRetry={() => void clusters.refetch()} />
  }
  if (clusters.data.length === 0) return <EmptyState title={t.fleet.nothingYet} hint={t.fleet.nothingYetHint} />
  const rows = filterClusters(clusters.data, { q, names, sort })
  const address = (name: string) => carry(`/fleet/${name}`)
  return (
    <>
      <div className="filters">
        <FilterInput label={t.fleet.filter} value={q} onChange={setQ} />
        <span className="count">{f.number(rows.length)}</span>
      </div>
      <div className="panel list-panel">
        {rows.length === 0 ? (
          <EmptyState title={t.empty.filteredOut} hint={t.empty.filteredOutHint(0, clusters.data.length)}>
            <Button onClick={() => (q === '' ? set([]) : setQ(''))}>{t.empty.clearFilter}</Button>
          </EmptyState>
        ) : (
          <DataTable
            label={t.fleet.table}
            rows={rows}
            columns={clusterColumns(text, address)}
            keyOf={(row) => row.name}
            rowClass={(row) => (row.connection.state === 'lost' ? 'hatched' : '')}
            sort={sort}
            onSort={setSort}
            onOpen={(row) => void navigate(address(row.name))}
          />
        )}
      </div>
    </>
  )
}
