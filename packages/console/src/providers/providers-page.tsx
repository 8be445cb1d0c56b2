import { allowed } from '../actions/action.ts'
import { ActionButton } from '../actions/action-button.tsx'
import { Confirm } from '../components/confirm.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { problemLine } from '../components/problem.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { type Text, useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { PeopleTabs } from '../people/people-tabs.tsx'
import { useParam } from '../place/use-param.ts'
import { api } from '../query/api.ts'
import { editObject } from '../query/edit-object.ts'
import { useAccess } from '../query/use-access.ts'
import { type ProviderRow, refreshProviders, useProviders } from '../query/use-providers.ts'
import { Page } from '../shell/page.tsx'
import { StatusIcon } from '../status/status-icon.tsx'
import { ProviderDialog } from './provider-dialog.tsx'
import '../styles/table.css'

/** Through which identity providers people sign in. */
export function ProvidersPage() {
  const text = useText()
  const { t } = text
  const [open, setOpen] = useParam('open')
  const [leaving, setLeaving] = useParam('disable')
  const [mayCreate = allowed, mayUpdate = allowed] = useAccess([
    { verb: 'create', resource: 'identityproviders' },
    { verb: 'update', resource: 'identityproviders' },
  ])
  const providers = useProviders()
  const rows = providers.data ?? []
  const enable = async ({ name }: ProviderRow) => {
    try {
      await setDisabled(name, false)
      notify(t.providers.enabledNow(name))
    } catch (error) {
      notify(problemLine(error, t), { bad: true })
    }
  }
  const actionsOf = (row: ProviderRow) => [
    {
      id: `provider.edit.${row.name}`,
      label: t.people.edit,
      about: t.providers.edit(row.name),
      may: mayUpdate,
      run: () => setOpen(row.name),
    },
    row.state === 'disabled'
      ? { id: `provider.enable.${row.name}`, label: t.providers.enable, may: mayUpdate, run: () => enable(row) }
      : {
          id: `provider.disable.${row.name}`,
          label: t.providers.disable,
          may: mayUpdate,
          run: () => setLeaving(row.name),
        },
  ]
  const edited = rows.find(({ name }) => name === open)
  return (
    <Page
      crumbs={[{ text: t.shell.access }, { text: t.people.title, to: '/access/people' }, { text: t.providers.title }]}
      title={t.providers.title}
      sentence={<p className="say">{t.providers.lead}</p>}
      tabs={<PeopleTabs active="providers" />}
      actions={
        <ActionButton
          action={{
            id: 'provider.add',
            label: t.providers.add,
            may: mayCreate,
            primary: true,
            run: () => setOpen('+'),
          }}
        />
      }
    >
      <div className="panel list-panel">
        {providers.isPending && <SkeletonRows rows={3} />}
        {providers.isError && (
          <Unreadable
            error={providers.error}
            right={{ verb: 'list', resource: 'identityproviders', scope: 'flotilla' }}
            onRetry={() => void providers.refetch()}
          />
        )}
        {providers.isSuccess && rows.length === 0 && (
          <EmptyState title={t.providers.none} hint={t.providers.noneHint} />
        )}
        {rows.length > 0 && (
          <DataTable
            label={t.providers.table}
            rows={rows}
            keyOf={({ name }) => name}
            columns={[
              ...columns(text),
              {
                id: 'actions',
                title: '',
                end: true,
                render: (row) => (
                  <span className="row">
                    <span className="push" />
                    {actionsOf(row).map((action) => (
                      <ActionButton key={action.id} small action={action} />
                    ))}
                  </span>
                ),
              },
            ]}
          />
        )}
      </div>
      {(open === '+' || edited !== undefined) && (
        <ProviderDialog key={open} row={open === '+' ? undefined : edited} onClose={() => setOpen('')} />
      )}
      {leaving !== '' && (
        <Confirm
          title={t.providers.disableTitle(leaving)}
          lead={t.providers.disableLead}
          submit={t.providers.disable}
          onClose={() => setLeaving('')}
          onConfirm={async () => {
            await setDisabled(leaving, true)
            notify(t.providers.disabledNow(leaving))
          }}
        />
      )}
    </Page>
  )
}

async function setDisabled(name: string, disabled: boolean): Promise<void> {
  await editObject(api, { kind: 'IdentityProvider', name }, (object) => ({
    ...object,
    spec: Object.assign({}, object['spec'], { disabled }),
  }))
  await refreshProviders()
}

const looks = { ready: 'healthy', failed: 'failed', unknown: 'unknown', disabled: 'suspended' } as const

const columns = ({ t }: Text): Column<ProviderRow>[] => [
  {
    id: 'name',
    title: t.providers.name,
    render: ({ name, displayName }) => (
      <>
        <b className="name">{name}</b> <span className="sub">{displayName}</span>
      </>
    ),
  },
  { id: 'type', title: t.providers.type, render: ({ type }) => t.providers.types[type] },
  {
    id: 'state',
    title: t.providers.state,
    render: ({ state, why }) => (
      <span className="status" title={why}>
        <StatusIcon look={looks[state]} />
        <span className={looks[state]}>{t.providers.states[state]}</span>
      </span>
    ),
  },
]
