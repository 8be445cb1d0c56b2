import type { PersonRow } from '@flotilla/api'
import { Button } from 'antd'
import { Suspense, lazy } from 'react'
import { Link, useNavigate } from 'react-router'
import { type Action, allowed } from '../actions/action.ts'
import { ActionButton } from '../actions/action-button.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { FilterInput } from '../components/filter-input.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { Time } from '../components/time.tsx'
import { type Text, useText } from '../i18n/text.ts'
import { usePageActions } from '../palette/page-actions.ts'
import { useParam } from '../place/use-param.ts'
import { useAccess } from '../query/use-access.ts'
import { usePeople } from '../query/use-people.ts'
import { Page } from '../shell/page.tsx'
import { PeopleTabs } from './people-tabs.tsx'
import { PersonState } from './person-state.tsx'
import { RoleWords } from './role-words.tsx'
import '../styles/table.css'
import './people.css'

const AddPerson = lazy(async () => ({ default: (await import('./add-person.tsx')).AddPerson }))

/** Everybody who can sign in, or could. */
export function PeoplePage() {
  const { t } = useText()
  const [adding, setAdding] = useParam('add')
  const [mayCreate = allowed] = useAccess([{ verb: 'create', resource: 'users' }])
  const add: Action = {
    id: 'people.add',
    label: t.people.add,
    may: mayCreate,
    primary: true,
    run: () => setAdding('1'),
  }
  usePageActions([add])
  return (
    <Page
      crumbs={[{ text: t.shell.access }, { text: t.people.title }]}
      title={t.people.title}
      actions={<ActionButton action={add} />}
      tabs={<PeopleTabs active="people" />}
      fill
    >
      <PeopleBody />
      <Suspense>{adding !== '' && <AddPerson onClose={() => setAdding('')} />}</Suspense>
    </Page>
  )
}

function PeopleBody() {
  const text = useText()
  const { t } = text
  const navigate = useNavigate()
  const [q, setQ] = useParam('q')
  const people = usePeople(q.trim())
  if (people.isPending) return <SkeletonRows />
  if (people.isError) {
    const right = { verb: 'list', resource: 'users', scope: 'flotilla' }
    return <Unreadable error={people.error} right={right} onRetry={() => void people.refetch()} />
  }
  const { items, total } = people.data
  return (
    <>
      <div className="filters">
        <FilterInput label={t.people.filter} value={q} onChange={setQ} />
        <span className="count">
          {items.length < total ? t.people.more(items.length, total) : t.people.sentence(total)}
        </span>
      </div>
      <div className="panel list-panel">
        {items.length === 0 && q !== '' && (
          <EmptyState title={t.empty.filteredOut}>
            <Button onClick={() => setQ('')}>{t.empty.clearFilter}</Button>
          </EmptyState>
        )}
        {items.length === 0 && q === '' && <EmptyState title={t.people.nothingYet} />}
        {items.length > 0 && (
          <DataTable
            label={t.people.table}
            rows={items}
            total={total}
            columns={columns(text)}
            keyOf={(row) => row.name}
            onOpen={(row) => void navigate(`/access/people/${row.name}`)}
          />
        )}
      </div>
    </>
  )
}

const columns = ({ t }: Text): Column<PersonRow>[] => [
  {
    id: 'name',
    title: t.people.person,
    render: (row) => (
      <>
        <Link className="name" to={`/access/people/${row.name}`}>
          {row.name}
        </Link>{' '}
        <span className="sub">{row.displayName}</span>
      </>
    ),
  },
  { id: 'email', title: t.people.email, render: (row) => <span className="muted">{row.email}</span> },
  { id: 'roles', title: t.people.roles, render: (row) => <RoleWords roles={row.roles} /> },
  { id: 'state', title: t.people.state, render: (row) => <PersonState disabled={row.disabled} /> },
  {
    id: 'created',
    title: t.people.created,
    render: (row) => <span className="muted">{row.createdAt !== '' && <Time at={row.createdAt} />}</span>,
  },
]
