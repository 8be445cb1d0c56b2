import { Link } from 'react-router'

interface PlaceTabsProps {
  readonly label: string
  readonly tabs: readonly { readonly id: string; readonly text: string; readonly to: string }[]
  readonly active: string
}

/** Tabs that are places: each has its address, and Back leads through them. */
export function PlaceTabs({ label, tabs, active }: PlaceTabsProps) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map(({ id, text, to }) => (
        <Link key={id} to={to} {...(id === active ? { 'aria-current': 'page' } : {})}>
          {text}
        </Link>
      ))}
    </nav>
  )
}
