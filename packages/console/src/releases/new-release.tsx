import type { ApplicationDetail, RouteBody } from '@flotilla/api'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { specOf } from '../app/spec-of.ts'
import { Field } from '../components/field.tsx'
import { FormDialog } from '../components/form-dialog.tsx'
import { Problem } from '../components/problem.tsx'
import { SelectField } from '../components/select-field.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { TextArea } from '../components/text-area.tsx'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useSearch } from '../place/use-search.ts'
import { api } from '../query/api.ts'
import { useApplication } from '../query/use-applications.ts'
import { refreshRelease } from '../query/use-releases.ts'
import { releaseAddress } from './release-address.ts'
import { computeChoices, imageKey, listChoosable, parseTickets, type ReleaseForm } from './release-form.ts'

/** An application with more than these before it is found by its own page. */
const mostOffered = 500

/** Drafts a release: of chosen versions, or of what a target runs now. The application is in the address. */
export function NewRelease() {
  const { t } = useText()
  const [search, change] = useSearch()
  const chosen = search.get('of') ?? ''
  const list = useQuery({
    queryKey: ['applications-offered'],
    queryFn: async ({ signal }) => (await api.applications.list({ query: { limit: mostOffered }, signal })).items,
    staleTime: 30_000,
  })
  const offered = list.data?.map(({ project, name }) => `${project}/${name}`) ?? []
  if (chosen !== '' && !offered.includes(chosen)) offered.unshift(chosen)
  const close = () =>
    change((after) => {
      after.delete('open')
      after.delete('of')
    })
  const field = (
    <SelectField
      label={t.releases.application}
      value={chosen}
      onChange={(event) => change((after) => after.set('of', event.target.value), { replace: true })}
    >
      <option value="">{list.data?.length === 0 ? t.releases.noGoverned : t.releases.chooseApplication}</option>
      {offered.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </SelectField>
  )
  const [project = '', application = ''] = chosen.split('/')
  if (application === '')
    return (
      <FormDialog
        title={t.releases.newTitle}
        submit={t.releases.newSubmit}
        width={640}
        running={false}
        held
        error={list.error}
        onSubmit={() => undefined}
        onClose={close}
      >
        {field}
      </FormDialog>
    )
  return <OfApplication key={chosen} project={project} application={application} field={field} onClose={close} />
}

interface OfApplicationProps {
  readonly project: string
  readonly application: string
  readonly field: React.ReactNode
  readonly onClose: () => void
}

type Draft = NonNullable<RouteBody<'releases.create'>>
const nothing: ReleaseForm = { versions: {}, images: {} }

function OfApplication({ project, application, field, onClose }: OfApplicationProps) {
  const { t } = useText()
  const navigate = useNavigate()
  const { carry } = useClusterFilter()
  const detail = useApplication(project, application)
  const [form, setForm] = useState(nothing)
  const [target, setTarget] = useState('')
  const [about, setAbout] = useState({ name: '', title: '', tickets: '', notes: '' })
  const spec = detail.data === undefined ? undefined : specOf(detail.data)
  const choosable = detail.data === undefined ? [] : listChoosable(spec, detail.data)
  const components = computeChoices(choosable, form)
  const direct = spec !== undefined && spec.mode !== 'governed'
  const create = useMutation({
    mutationFn: () => api.releases.create({ params: { project }, body: draftOf() }),
    onSuccess(release) {
      notify(t.releases.createdNow(release.name))
      refreshRelease(project, release.name)
      void navigate(carry(releaseAddress(release)))
    },
  })
  function draftOf(): Draft {
    const [cluster = '', namespace = ''] = target.split('/')
    const tickets = parseTickets(about.tickets)
    const text = (name: 'name' | 'title' | 'notes') => {
      const value = about[name].trim()
      return value === '' ? {} : { [name]: value }
    }
    return {
      application,
      components,
      ...(target === '' ? {} : { copyFrom: { cluster, namespace } }),
      ...text('name'),
      ...text('title'),
      ...text('notes'),
      ...(tickets.length === 0 ? {} : { tickets }),
    }
  }
  const write = (name: keyof typeof about) => ({
    value: about[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      setAbout({ ...about, [name]: event.target.value }),
  })
  return (
    <FormDialog
      title={t.releases.newTitle}
      submit={t.releases.newSubmit}
      width={640}
      running={create.isPending}
      held={detail.data === undefined || direct || (components.length === 0 && target === '')}
      error={create.error}
      onSubmit={() => create.mutate()}
      onClose={onClose}
    >
      {field}
      {detail.isPending && <SkeletonRows rows={4} />}
      {detail.isError && <Problem error={detail.error} />}
      {direct && (
        <div className="note" role="note">
          <div>
            <b>{t.releases.direct(application)}</b>
            <div>{t.releases.directHint}</div>
            <Link to={carry(`/apps/${project}/${application}/edit`)}>{t.releases.directEdit}</Link>
          </div>
        </div>
      )}
      {detail.data !== undefined && !direct && (
        <>
          <CopyFrom detail={detail.data} value={target} onChange={setTarget} />
          <Choices choosable={choosable} form={form} onChange={setForm} />
          {components.length === 0 && target === '' && <div className="sub">{t.releases.newNothing}</div>}
          <Field label={t.releases.newTitleField} maxLength={200} {...write('title')} />
          <Field
            label={t.releases.newTickets}
            hint={t.releases.newTicketsHint}
            maxLength={4096}
            {...write('tickets')}
          />
          <TextArea label={t.releases.newNotes} rows={3} maxLength={8192} {...write('notes')} />
          <Field
            label={t.releases.newName}
            hint={t.releases.newNameHint}
            maxLength={63}
            pattern="[a-z0-9]([-a-z0-9]*[a-z0-9])?"
            {...write('name')}
          />
        </>
      )}
    </FormDialog>
  )
}

interface CopyFromProps {
  readonly detail: ApplicationDetail
  readonly value: string
  readonly onChange: (target: string) => void
}

function CopyFrom({ detail, value, onChange }: CopyFromProps) {
  const { t } = useText()
  return (
    <SelectField
      label={t.releases.from}
      hint={value === '' ? t.releases.fromChosenHint : t.releases.fromTargetHint}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{t.releases.fromChosen}</option>
      {detail.matrix.targets.map(({ cluster, namespace, environment }) => (
        <option key={`${cluster}/${namespace}`} value={`${cluster}/${namespace}`}>
          {t.releases.fromTarget}: {environment === undefined ? '' : `${environment} · `}
          {cluster}/{namespace}
        </option>
      ))}
    </SelectField>
  )
}

interface ChoicesProps {
  readonly choosable: ReturnType<typeof listChoosable>
  readonly form: ReleaseForm
  readonly onChange: (form: ReleaseForm) => void
}

/** One group for each component: its version, and each of its images, with what runs now as the hint of the field. */
function Choices({ choosable, form, onChange }: ChoicesProps) {
  const { t } = useText()
  return (
    <>
      {choosable
        .filter(({ version, images }) => version !== undefined || images.length > 0)
        .map(({ component, version, images }) => (
          <fieldset key={component} className="component-choice">
            <legend>{component}</legend>
            {version !== undefined && (
              <Field
                label={t.releases.version}
                aria-label={t.releases.versionOf(component)}
                placeholder={version}
                maxLength={255}
                value={form.versions[component] ?? ''}
                onChange={(event) =>
                  onChange({ ...form, versions: { ...form.versions, [component]: event.target.value } })
                }
              />
            )}
            {images.map(({ name, short, now }) => {
              const key = imageKey(component, name)
              return (
                <Field
                  key={key}
                  label={t.releases.image(short)}
                  aria-label={t.releases.imageOf(short, component)}
                  placeholder={now}
                  maxLength={512}
                  value={form.images[key] ?? ''}
                  onChange={(event) => onChange({ ...form, images: { ...form.images, [key]: event.target.value } })}
                />
              )
            })}
          </fieldset>
        ))}
    </>
  )
}
