import { NavLink } from 'react-router'
import { useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useApplicationCount } from '../query/use-applications.ts'
import { useClusters } from '../query/use-fleet.ts'
import { Logo } from './logo.tsx'
import { SettingsFoot } from './settings-foot.tsx'

/** Only what is ready is listed. */
export function SideNav() {
  const { t, f } = useText()
  const { carry } = useClusterFilter()
  const { data: applications } = useApplicationCount()
  const { data: clusters } = useClusters()
  const places = [
    { to: '/apps', text: t.shell.apps, count: applications },
    { to: '/fleet', text: t.shell.fleet, count: clusters?.length },
  ]
  return (
    <div className="side-nav">
      <NavLink to={carry('/apps')} className="brand" aria-label="Flotilla">
        <Logo />
        Flotilla
      </NavLink>
      <nav aria-label={t.shell.navigation}>
        <ul>
          {places.map(({ to, text, count }) => (
            <li key={to}>
              <NavLink to={carry(to)}>
                {text}
                <span className="n">{count === undefined ? '' : f.number(count)}</span>
              </NavLink>
            </li>
          ))}
        </ul>
      </nav>
      <SettingsFoot />
    </div>
  )
}
