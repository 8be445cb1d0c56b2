import type { ApplicationDetail } from '@flotilla/api'
import { PlaceTabs } from '../components/place-tabs.tsx'
import { useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'

export const tabNames = ['clusters', 'events', 'configuration', 'moves', 'history'] as const
export type TabName = (typeof tabNames)[number]

export const parseTab = (word: string | undefined): TabName => tabNames.find((tab) => tab === word) ?? 'clusters'

/** The tabs are places: each has its address, and Back leads through them. */
export function AppTabs({ detail, active }: { detail: ApplicationDetail; active: TabName }) {
  const { t } = useText()
  const { carry } = useClusterFilter()
  const base = `/apps/${detail.project}/${detail.name}`
  const tabs = tabNames.map((tab) => ({
    id: tab,
    text: t.app.tabs[tab],
    to: carry(tab === 'clusters' ? base : `${base}/${tab}`),
  }))
  return <PlaceTabs label={t.app.tabList} tabs={tabs} active={active} />
}
