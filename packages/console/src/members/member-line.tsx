import type { MemberRow } from '@flotilla/api'
import { useState } from 'react'
import { Link } from 'react-router'
import { allOf, allowed, type May, refused } from '../actions/action.ts'
import { ActionButton } from '../actions/action-button.tsx'
import { problemLine } from '../components/problem.tsx'
import { Time } from '../components/time.tsx'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { useAccess } from '../query/use-access.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { changeRole, takeRole } from './change-roles.ts'
import { isLastAdministrator, whoOf } from './membership.ts'
import { roleName } from './role-name.ts'
import { useRoleChoices } from './use-role-choices.ts'
import { grantAddress, type RolePlace } from './role-place.ts'

interface MemberLineProps {
  readonly row: MemberRow
  readonly rows: readonly MemberRow[]
  readonly place: RolePlace
  readonly mayChange: May
  readonly mayRemove: May
}

/** One role of one person. What is given further up is shown, and changed there. */
export function MemberLine({ row, rows, place, mayChange, mayRemove }: MemberLineProps) {
  const { t } = useText()
  const own = row.scope === place.scope
  const last = isLastAdministrator(row, rows) ? refused(t.members.lastAdministrator) : allowed
  return (
    <tr>
      <td className="wrap">
        <PersonName row={row} />
        {row.state !== 'Given' && (
          <span className="status" title={t.members.states[row.state]}>
            <StatusIcon look="degraded" /> <span className="sub">{t.members.states[row.state]}</span>
          </span>
        )}
      </td>
      <td>
        <Role row={row} place={place} may={own && row.state === 'Given' ? allOf(last, mayChange) : undefined} />
      </td>
      <td>
        <From row={row} own={own} />
      </td>
      <td className="muted">{row.since !== '' && <Time at={row.since} />}</td>
      <td className="end">
        {own && (
          <ActionButton
            small
            action={{
              id: `member.remove.${row.membership}`,
              label: t.members.remove,
              about: t.members.removeOne(whoOf(row, t)),
              may: allOf(last, mayRemove),
              run: () => takeRole(place, row, t),
            }}
          />
        )}
      </td>
    </tr>
  )
}

function PersonName({ row }: { row: MemberRow }) {
  const { t } = useText()
  const [maySee = allowed] = useAccess([{ verb: 'get', resource: 'users' }])
  if (row.group !== undefined)
    return (
      <span className="person">
        <span className="name">{whoOf(row, t)}</span>
      </span>
    )
  return (
    <span className="person">
      {maySee.allowed ? (
        <Link className="name" to={`/access/people/${row.user}`}>
          {row.user}
        </Link>
      ) : (
        <b className="name">{row.user}</b>
      )}
      <span className="sub">{row.displayName}</span>
      {row.disabled && <span className="tag">{t.members.disabled}</span>}
    </span>
  )
}

/** The role in words, or as a choice for who may change it. */
function Role({ row, place, may }: { row: MemberRow; place: RolePlace; may: May | undefined }) {
  const { t } = useText()
  const [running, setRunning] = useState(false)
  const choices = useRoleChoices(place)
  const name = roleName(t, row)
  if (may?.allowed !== true) return <span title={may?.why}>{name}</span>
  const change = async (role: string) => {
    setRunning(true)
    try {
      await changeRole(place, row, role, t)
    } catch (error) {
      notify(problemLine(error, t), { bad: true })
    } finally {
      setRunning(false)
    }
  }
  return (
    <select
      className="input small"
      aria-label={t.members.roleOf(whoOf(row, t))}
      value={row.role}
      disabled={running}
      onChange={(event) => void change(event.target.value)}
    >
      {choices.map(({ role, text }) => (
        <option key={role} value={role}>
          {text}
        </option>
      ))}
    </select>
  )
}

function From({ row, own }: { row: MemberRow; own: boolean }) {
  const { t } = useText()
  if (own) return <span className="faint">{t.members.here}</span>
  const to = grantAddress(row)
  const text = row.scope === 'workspace' ? t.members.fromWorkspace(row.workspace ?? '') : t.members.fromPlatform
  if (to === undefined) return text
  return (
    <Link to={to} title={t.members.elsewhere(text)}>
      {text}
    </Link>
  )
}
