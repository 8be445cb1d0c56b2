import type { ApplicationDetail } from '@flotilla/api'
import { Link } from 'react-router'
import { useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'

export const tabNames = ['clusters', 'events', 'configuration', 'history'] as const
export type TabName = (typeof tabNames)[number]

export const parseTab = (word: string | undefined): TabName => tabNames.find((tab) => tab === word) ?? 'clusters'

/** The tabs are places: each has its address, and Back leads through them. */
export function AppTabs({ detail, active }: { detail: ApplicationDetail; active: TabName }) {
  const { t } = useText()
  const { carry } = useClusterFilter()
  const base = `/apps/${detail.project}/${detail.name}`
  return (
    <nav className="tabs" aria-label={t.app.tabList}>
      {tabNames.map((tab) => (
        <Link
          key={tab}
          to={carry(tab === 'clusters' ? base : `${base}/${tab}`)}
          {...(tab === active ? { 'aria-current': 'page' } : {})}
        >
          {t.app.tabs[tab]}
        </Link>
      ))}
    </nav>
  )
}
