import { NavLink, useLocation } from 'react-router'
import { allowed } from '../actions/action.ts'
import { useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useAccess } from '../query/use-access.ts'
import { useReadsAudit } from '../query/use-reads-audit.ts'
import { useApplicationCount } from '../query/use-applications.ts'
import { useClusters } from '../query/use-fleet.ts'
import { Logo } from './logo.tsx'
import { SettingsFoot } from './settings-foot.tsx'

/** Only what is ready is listed, and only what the reader may see. */
export function SideNav() {
  const { t } = useText()
  const { carry } = useClusterFilter()
  const [seesPeople = allowed] = useAccess([{ verb: 'list', resource: 'users' }])
  const readsAudit = useReadsAudit()
  const { data: applications } = useApplicationCount()
  const { data: clusters } = useClusters()
  const places = [
    { to: '/apps', text: t.shell.apps, count: applications },
    { to: '/releases', text: t.releases.title },
    { to: '/fleet', text: t.shell.fleet, count: clusters?.length },
    { to: '/resources', text: t.resources.title },
    { to: '/history', text: t.runs.title },
  ]
  const access = [
    { to: '/access/workspaces', text: t.workspaces.title, also: ['/access/projects'] },
    ...(seesPeople.allowed
      ? [
          {
            to: '/access/people',
            text: t.people.title,
            also: ['/access/platform', '/access/roles', '/access/accounts', '/access/sign-in'],
          },
        ]
      : []),
    ...(readsAudit ? [{ to: '/access/audit', text: t.audit.title }] : []),
  ]
  return (
    <div className="side-nav">
      <NavLink to={carry('/apps')} className="brand" aria-label="Flotilla">
        <Logo />
        Flotilla
      </NavLink>
      <nav aria-label={t.shell.navigation}>
        <Places places={places} />
        <h2 id="nav-access">{t.shell.access}</h2>
        <Places places={access} labelledBy="nav-access" />
      </nav>
      <SettingsFoot />
    </div>
  )
}

interface Place {
  readonly to: string
  readonly text: string
  readonly count?: number | undefined
  /** Where else one is in this place: its parts whose address begins otherwise. */
  readonly also?: readonly string[]
}

function Places({ places, labelledBy }: { places: readonly Place[]; labelledBy?: string }) {
  const { f } = useText()
  const { pathname } = useLocation()
  const { carry } = useClusterFilter()
  return (
    <ul {...(labelledBy === undefined ? {} : { 'aria-labelledby': labelledBy })}>
      {places.map(({ to, text, count, also }) => (
        <li key={to}>
          <NavLink
            to={carry(to)}
            className={({ isActive }) =>
              isActive || also?.some((one) => pathname.startsWith(one)) === true ? 'active' : ''
            }
          >
            {text}
            <span className="n">{count === undefined ? '' : f.number(count)}</span>
          </NavLink>
        </li>
      ))}
    </ul>
  )
}
