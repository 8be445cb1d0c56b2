import type { RoleRow } from '@flotilla/api'
import { Suspense, lazy } from 'react'
import { type Action, allOf, allowed, refused } from '../actions/action.ts'
import { ActionButton } from '../actions/action-button.tsx'
import { Confirm } from '../components/confirm.tsx'
import { Unreadable } from '../components/empty-state.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { useText } from '../i18n/text.ts'
import { roleMay, roleName } from '../members/role-name.ts'
import { placeNamespace, placeQuery, type RolePlace } from '../members/role-place.ts'
import { notify } from '../notices/notices.ts'
import { useParam } from '../place/use-param.ts'
import { api } from '../query/api.ts'
import { useAccess } from '../query/use-access.ts'
import { refreshRoles, useRoles } from '../query/use-tenants.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { GrantWords } from './grant-words.tsx'
import '../styles/table.css'
import './roles.css'

const RoleDialog = lazy(async () => ({ default: (await import('./role-dialog.tsx')).RoleDialog }))
const newRole = '+'

/** Roles of a place, built in and made there: what each may do, and who has it. */
export function RolesPanel({ place }: { place: RolePlace }) {
  const { t } = useText()
  const roles = useRoles(place)
  const [open, setOpen] = useParam('role')
  const [remove, setRemove] = useParam('remove')
  const about = { resource: 'customroles', ...placeQuery(place) }
  const [mayMake = allowed, mayChange = allowed, mayRemove = allowed] = useAccess([
    { verb: 'create', ...about },
    { verb: 'update', ...about },
    { verb: 'delete', ...about },
  ])
  const rows = roles.data?.items ?? []
  const edited = rows.find(({ name, builtIn }) => name === open && !builtIn)
  const leaving = rows.find(({ name, builtIn }) => name === remove && !builtIn)
  const add: Action = { id: 'role.add', label: t.roles.add, may: mayMake, primary: true, run: () => setOpen(newRole) }
  return (
    <section className="panel roles" aria-label={t.roles.title}>
      <header>
        <h2>{t.roles.title}</h2>
        <span className="sub">{t.roles.lead[place.scope]}</span>
        <span className="push" />
        <ActionButton action={add} />
      </header>
      {roles.isPending && <SkeletonRows rows={4} />}
      {roles.isError && (
        <Unreadable
          error={roles.error}
          right={{ verb: 'list', resource: 'memberships', scope: placeNamespace(place) }}
          onRetry={() => void roles.refetch()}
        />
      )}
      {rows.length > 0 && (
        <div className="table-scroll">
          <table className="table" aria-label={t.roles.table}>
            <thead>
              <tr>
                <th scope="col">{t.roles.role}</th>
                <th scope="col">{t.roles.may}</th>
                <th scope="col">{t.roles.givenTo}</th>
                <th scope="col">
                  <span className="visually-hidden">{t.roles.actions}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <RoleLine
                  key={row.name}
                  row={row}
                  place={place}
                  actions={
                    row.builtIn
                      ? []
                      : [
                          {
                            id: `role.edit.${row.name}`,
                            label: t.roles.edit,
                            about: t.roles.editTitle(row.name),
                            may: mayChange,
                            run: () => setOpen(row.name),
                          },
                          {
                            id: `role.remove.${row.name}`,
                            label: t.roles.remove,
                            about: t.roles.removeTitle(row.name),
                            may: allOf(
                              mayRemove,
                              row.givenCount === 0 ? allowed : refused(t.roles.held(row.givenTo, row.givenCount)),
                            ),
                            run: () => setRemove(row.name),
                          },
                        ]
                  }
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Suspense>
        {(open === newRole || edited !== undefined) && roles.data !== undefined && (
          <RoleDialog
            place={place}
            offered={roles.data.offered}
            {...(edited === undefined ? {} : { role: edited })}
            onClose={() => setOpen('')}
          />
        )}
      </Suspense>
      {leaving !== undefined && (
        <Confirm
          title={t.roles.removeTitle(leaving.name)}
          lead={t.roles.removeLead}
          submit={t.roles.remove}
          onClose={() => setRemove('')}
          onConfirm={async () => {
            const where = { namespace: placeNamespace(place) }
            await api.kinds.remove({ params: { kind: 'CustomRole', name: leaving.name }, query: where })
            notify(t.roles.removed(leaving.name))
            await refreshRoles()
          }}
        />
      )}
    </section>
  )
}

interface RoleLineProps {
  readonly row: RoleRow
  readonly place: RolePlace
  readonly actions: readonly Action[]
}

function RoleLine({ row, place, actions }: RoleLineProps) {
  const { t } = useText()
  const named = row.displayName ?? roleName(t, { scope: place.scope, role: row.name })
  const says = row.builtIn ? roleMay(t, place.scope, row.name) : row.description
  const more = row.givenCount - row.givenTo.length
  return (
    <tr>
      <td className="wrap role-named">
        <b>{named}</b> {named !== row.name && <span className="sub">{row.name}</span>}
        {row.builtIn && <span className="tag">{t.roles.builtIn}</span>}
        {says !== undefined && <div className="muted">{says}</div>}
        {row.state !== 'Ready' && (
          <div className="status">
            <StatusIcon look={row.state === 'Refused' ? 'failed' : 'progressing'} />
            <span className="sub">
              {t.roles.states[row.state]}
              {row.message !== undefined && `${t.sentence.joint}${row.message}`}
            </span>
          </div>
        )}
      </td>
      <td className="wrap">
        <GrantWords row={row} />
      </td>
      <td className="wrap">
        {row.givenCount === 0 ? <span className="faint">{t.roles.nobody}</span> : row.givenTo.join(t.roles.comma)}
        {more > 0 && <span className="sub">+{more}</span>}
      </td>
      <td className="end">
        {actions.map((action) => (
          <ActionButton key={action.id} small action={action} />
        ))}
      </td>
    </tr>
  )
}
