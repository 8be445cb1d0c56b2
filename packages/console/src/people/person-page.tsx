import { FlotillaError } from '@flotilla/model/errors'
import type { PersonDetail } from '@flotilla/api'
import { Suspense, lazy } from 'react'
import { useParams } from 'react-router'
import { ActionButton } from '../actions/action-button.tsx'
import { Confirm } from '../components/confirm.tsx'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { Time } from '../components/time.tsx'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { useParam } from '../place/use-param.ts'
import { usePerson } from '../query/use-people.ts'
import { Page } from '../shell/page.tsx'
import { editPerson, EditPerson } from './edit-person.tsx'
import { GrantsPanel } from './grants-panel.tsx'
import { PersonState } from './person-state.tsx'
import { ReviewPanel } from './review-panel.tsx'
import { usePersonActions } from './use-person-actions.ts'
import './people.css'

const NewPassword = lazy(async () => ({ default: (await import('./new-password.tsx')).NewPassword }))

/** One person: who they are, what is granted to them, and what that lets them do. */
export function PersonPage() {
  const { t } = useText()
  const { person: name = '' } = useParams()
  const person = usePerson(name)
  if (person.data !== undefined) return <Loaded person={person.data} />
  const gone = person.error instanceof FlotillaError && person.error.code === 'request.not_found'
  return (
    <Page crumbs={crumbs(t.shell.access, t.people.title, name)} title={name}>
      {person.isPending && <SkeletonRows />}
      {gone && <EmptyState title={t.people.gone} hint={t.shell.notFoundHint} />}
      {person.isError && !gone && (
        <Unreadable
          error={person.error}
          right={{ verb: 'get', resource: 'users', scope: name }}
          onRetry={() => void person.refetch()}
        />
      )}
    </Page>
  )
}

const crumbs = (access: string, title: string, name: string) => [
  { text: access },
  { text: title, to: '/access/people' },
  { text: name },
]

function Loaded({ person }: { person: PersonDetail }) {
  const { t } = useText()
  const { name } = person
  const [open, setOpen] = useParam('open')
  const close = () => setOpen('')
  const actions = usePersonActions(person, setOpen)
  return (
    <Page
      crumbs={crumbs(t.shell.access, t.people.title, name)}
      title={person.displayName ?? name}
      beside={person.displayName !== undefined && <span className="chip">{name}</span>}
      actions={actions.map((action) => (
        <ActionButton key={action.id} action={action} />
      ))}
    >
      <div className="person-page">
        <section className="panel facts" aria-label={name}>
          <dl className="kv">
            <dt>{t.people.state}</dt>
            <dd>
              <PersonState disabled={person.disabled} />
            </dd>
            <dt>{t.people.email}</dt>
            <dd>{person.email ?? '—'}</dd>
            <dt>{t.people.provider}</dt>
            <dd>{person.provider ?? t.people.providerNone}</dd>
            <dt>{t.people.password}</dt>
            <dd>{t.people.passwords[person.password]}</dd>
            <dt>{t.people.created}</dt>
            <dd>{person.createdAt === '' ? '—' : <Time at={person.createdAt} as="clock" />}</dd>
          </dl>
        </section>
        <GrantsPanel grants={person.grants} />
        <ReviewPanel person={person} />
      </div>
      <Suspense>{open === 'password' && <NewPassword name={name} onClose={close} />}</Suspense>
      {open === 'edit' && <EditPerson person={person} onClose={close} />}
      {open === 'disable' && (
        <Confirm
          title={t.people.disableTitle(name)}
          lead={t.people.disableLead}
          submit={t.people.disableSubmit}
          onClose={close}
          onConfirm={async () => {
            await editPerson(name, { disabled: true })
            notify(t.people.disabledNow(name))
          }}
        />
      )}
    </Page>
  )
}
