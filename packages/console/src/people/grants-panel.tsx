import type { Grant } from '@flotilla/api'
import { Link } from 'react-router'
import { Time } from '../components/time.tsx'
import { useText } from '../i18n/text.ts'
import { roleMay, roleName } from '../members/role-name.ts'
import { grantAddress } from '../members/role-place.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import '../styles/table.css'

/** Everything that is granted to somebody, with what it gives. */
export function GrantsPanel({ grants }: { grants: readonly Grant[] }) {
  const { t } = useText()
  return (
    <section className="panel" aria-label={t.people.granted}>
      <header>
        <h2>{t.people.granted}</h2>
      </header>
      {grants.length === 0 ? (
        <div className="panel-empty">{t.people.nothingGranted}</div>
      ) : (
        <div className="table-scroll">
          <table className="table" aria-label={t.people.grantedTable}>
            <thead>
              <tr>
                <th scope="col">{t.people.where}</th>
                <th scope="col">{t.people.role}</th>
                <th scope="col">{t.people.created}</th>
              </tr>
            </thead>
            <tbody>
              {grants.map((grant) => (
                <tr key={`${grant.scope} ${grant.workspace} ${grant.project} ${grant.membership}`}>
                  <td>
                    <Place grant={grant} />
                  </td>
                  <td className="wrap">
                    {roleName(t, grant)}{' '}
                    {grant.state === 'Given' ? (
                      <span className="sub">{roleMay(t, grant.scope, grant.role)}</span>
                    ) : (
                      <span className="status">
                        <StatusIcon look="degraded" />
                        <span className="sub">{t.members.states[grant.state]}</span>
                      </span>
                    )}
                  </td>
                  <td className="muted">{grant.since !== '' && <Time at={grant.since} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function Place({ grant }: { grant: Grant }) {
  const { t } = useText()
  const to = grantAddress(grant)
  const name = grant.project ?? grant.workspace
  return (
    <>
      {to === undefined ? name : <Link to={to}>{name ?? t.members.scopes.platform}</Link>}{' '}
      {name !== undefined && <span className="sub">{t.members.scopes[grant.scope]}</span>}
    </>
  )
}
