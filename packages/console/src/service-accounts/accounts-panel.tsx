import type { RouteResult } from '@flotilla/api'
import { Suspense, lazy } from 'react'
import { type Action, allowed } from '../actions/action.ts'
import { ActionButton } from '../actions/action-button.tsx'
import { Confirm } from '../components/confirm.tsx'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { Time } from '../components/time.tsx'
import { useText } from '../i18n/text.ts'
import { roleName } from '../members/role-name.ts'
import { placeNamespace, placeQuery, type RolePlace } from '../members/role-place.ts'
import { notify } from '../notices/notices.ts'
import { useParam } from '../place/use-param.ts'
import { api } from '../query/api.ts'
import { useAccess } from '../query/use-access.ts'
import { useMembers } from '../query/use-tenants.ts'
import { refreshAccounts, useServiceAccounts } from '../query/use-service-accounts.ts'
import { AccountTokens } from './account-tokens.tsx'
import '../roles/roles.css'
import '../styles/table.css'

const AddAccount = lazy(async () => ({ default: (await import('./add-account.tsx')).AddAccount }))
const adding = '+'
type Account = RouteResult<'serviceAccounts.list'>['items'][number]

/** Accounts for programs of a place: who they are, which roles they have there, and their tokens. */
export function AccountsPanel({ place }: { place: RolePlace }) {
  const { t } = useText()
  const accounts = useServiceAccounts(place)
  const [open, setOpen] = useParam('account')
  const [leaving, setLeaving] = useParam('remove')
  const about = { resource: 'memberships', ...placeQuery(place) }
  const [mayGive = allowed] = useAccess([{ verb: 'grant', ...about }])
  const rows = accounts.data ?? []
  const shown = rows.find(({ name }) => name === open)
  const goes = rows.find(({ name }) => name === leaving)
  const add: Action = {
    id: 'account.add',
    label: t.accounts.add,
    may: mayGive,
    primary: true,
    run: () => setOpen(adding),
  }
  return (
    <section className="panel accounts" aria-label={t.accounts.title}>
      <header>
        <h2>{t.accounts.title}</h2>
        <span className="sub">{t.accounts.lead}</span>
        <span className="push" />
        <ActionButton action={add} />
      </header>
      {accounts.isPending && <SkeletonRows rows={2} />}
      {accounts.isError && (
        <Unreadable
          error={accounts.error}
          right={{ verb: 'list', resource: 'memberships', scope: placeNamespace(place) }}
          onRetry={() => void accounts.refetch()}
        />
      )}
      {accounts.isSuccess && rows.length === 0 && (
        <EmptyState title={t.accounts.none} {...(mayGive.allowed ? { hint: t.accounts.noneHint } : {})} />
      )}
      {rows.length > 0 && (
        <div className="table-scroll">
          <table className="table" aria-label={t.accounts.table}>
            <thead>
              <tr>
                <th scope="col">{t.accounts.name}</th>
                <th scope="col">{t.accounts.roles}</th>
                <th scope="col">{t.accounts.made}</th>
                <th scope="col">
                  <span className="visually-hidden">{t.roles.actions}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <AccountLine
                  key={row.name}
                  row={row}
                  place={place}
                  actions={[
                    {
                      id: `account.tokens.${row.name}`,
                      label: t.accounts.tokens,
                      about: t.accounts.tokensOf(row.name),
                      may: mayGive,
                      run: () => setOpen(row.name),
                    },
                    {
                      id: `account.remove.${row.name}`,
                      label: t.accounts.remove,
                      about: t.accounts.removeTitle(row.name),
                      may: mayGive,
                      run: () => setLeaving(row.name),
                    },
                  ]}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Suspense>
        {open === adding && <AddAccount place={place} onClose={() => setOpen('')} onMade={(name) => setOpen(name)} />}
      </Suspense>
      {shown !== undefined && <AccountTokens account={shown.name} place={place} onClose={() => setOpen('')} />}
      {goes !== undefined && (
        <Confirm
          title={t.accounts.removeTitle(goes.name)}
          lead={t.accounts.removeLead}
          submit={t.accounts.remove}
          onClose={() => setLeaving('')}
          onConfirm={async () => {
            await api.serviceAccounts.remove({ params: { user: goes.name } })
            notify(t.accounts.removed(goes.name))
            await refreshAccounts()
          }}
        />
      )}
    </section>
  )
}

function AccountLine({ row, place, actions }: { row: Account; place: RolePlace; actions: readonly Action[] }) {
  const { t } = useText()
  const members = useMembers(place)
  const roles = (members.data ?? []).filter(({ user, scope }) => user === row.name && scope === place.scope)
  return (
    <tr>
      <td>
        <b className="name">{row.name}</b> <span className="sub">{row.displayName}</span>
        {row.disabled && <span className="tag">{t.members.disabled}</span>}
      </td>
      <td>
        {roles.length === 0 ? (
          <span className="faint">{t.accounts.noRole}</span>
        ) : (
          roles.map((one) => roleName(t, one)).join(t.roles.comma)
        )}
      </td>
      <td className="muted">{row.createdAt !== '' && <Time at={row.createdAt} />}</td>
      <td className="end">
        {actions.map((action) => (
          <ActionButton key={action.id} small action={action} />
        ))}
      </td>
    </tr>
  )
}
