import type { ApplicationDetail } from '@flotilla/api'
import { Suspense, lazy } from 'react'
import { SkeletonRows } from '../components/skeleton.tsx'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import type { TabName } from './app-tabs.tsx'
import { ClustersTab } from './clusters-tab.tsx'
import { EventsTable } from './events-table.tsx'

const ConfigurationTab = lazy(async () => ({ default: (await import('./configuration-tab.tsx')).ConfigurationTab }))
const HistoryTab = lazy(async () => ({ default: (await import('../history/history-tab.tsx')).HistoryTab }))
const MovesTab = lazy(async () => ({ default: (await import('../moves/moves-tab.tsx')).MovesTab }))

export function TabBody({ detail, tab }: { detail: ApplicationDetail; tab: TabName }) {
  const { names } = useClusterFilter()
  switch (tab) {
    case 'clusters':
      return <ClustersTab detail={detail} />
    case 'events':
      return (
        <div className="panel">
          <EventsTable
            project={detail.project}
            application={detail.name}
            part={names === undefined ? {} : { cluster: names }}
          />
        </div>
      )
    case 'configuration':
      return (
        <Suspense fallback={<SkeletonRows />}>
          <ConfigurationTab detail={detail} />
        </Suspense>
      )
    case 'moves':
      return (
        <Suspense fallback={<SkeletonRows />}>
          <MovesTab detail={detail} />
        </Suspense>
      )
    case 'history':
      return (
        <Suspense fallback={<SkeletonRows />}>
          <HistoryTab detail={detail} />
        </Suspense>
      )
    default:
      return tab satisfies never
  }
}
