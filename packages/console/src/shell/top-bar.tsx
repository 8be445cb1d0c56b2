import { Link } from 'react-router'
import { useText } from '../i18n/text.ts'
import { ClusterFilter } from './cluster-filter-chip.tsx'
import { openPalette } from './palette-open.ts'

export interface Crumb {
  readonly text: string
  readonly to?: string
}

export function TopBar({ crumbs }: { crumbs: readonly Crumb[] }) {
  const { t } = useText()
  const last = crumbs.length - 1
  return (
    <header className="top">
      <nav className="crumb" aria-label={t.shell.breadcrumb}>
        <ol>
          {crumbs.map(({ text, to }, index) => (
            <li key={`${index} ${text}`}>
              {index === last || to === undefined ? (
                <span {...(index === last ? { 'aria-current': 'page' } : {})}>{text}</span>
              ) : (
                <Link to={to}>{text}</Link>
              )}
            </li>
          ))}
        </ol>
      </nav>
      <ClusterFilter />
      <button type="button" className="search" onClick={openPalette} aria-keyshortcuts="Control+K Meta+K">
        {t.shell.search}
        <kbd>Ctrl K</kbd>
      </button>
    </header>
  )
}
