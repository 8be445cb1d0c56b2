import type { GrantedRole } from '@flotilla/api'
import { useText } from '../i18n/text.ts'
import { roleName } from '../members/role-name.ts'

const mostShown = 3

/** Roles in words: where, and what. */
export function RoleWords({ roles }: { roles: readonly GrantedRole[] }) {
  const { t } = useText()
  if (roles.length === 0) return <span className="faint">{t.people.noRoles}</span>
  const words = roles.map((role) => {
    const where = role.project ?? role.workspace ?? t.members.scopes.platform
    return { key: `${role.scope} ${where} ${role.role}`, where, name: roleName(t, role) }
  })
  const rest = words.slice(mostShown).map(({ where, name }) => `${where} ${name}`)
  return (
    <span className="role-words">
      {words.slice(0, mostShown).map(({ key, where, name }) => (
        <span key={key}>
          {where} <span className="muted">{name}</span>
        </span>
      ))}
      {rest.length > 0 && (
        <span className="sub" title={rest.join('\n')}>
          +{rest.length}
        </span>
      )}
    </span>
  )
}
