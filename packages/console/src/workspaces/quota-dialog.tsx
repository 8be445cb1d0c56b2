import type { KubeObjectShape } from '@flotilla/api'
import { nanosOf } from '@flotilla/model/quantity'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { FormDialog } from '../components/form-dialog.tsx'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { api } from '../query/api.ts'
import { replaceObject } from '../query/edit-object.ts'
import { keys } from '../query/keys.ts'
import { queryClient } from '../query/query-client.ts'
import { faultyAmounts } from './amount-fields.ts'
import { AmountSlider } from './amount-slider.tsx'
import { overdrawn, patchQuota, quotaChanges, readQuota } from './quota-form.ts'
import './workspaces.css'

/** What is used of an amount, or given on. In nanounits, by resource. */
export type Taken = ReadonlyMap<string, bigint>

export interface QuotaTarget {
  readonly name: string
  /** How many namespaces each get the amount. */
  readonly namespaces: number
  readonly used: Taken
}

interface QuotaDialogProps {
  readonly kind: 'Workspace' | 'Project'
  readonly name: string
  /** Of a project. */
  readonly workspace?: string
  readonly resources: readonly string[]
  /** What it may be at most, in nanounits; none where nothing bounds it. */
  readonly most: Taken
  /** Used in a project, given to projects in a workspace. */
  readonly taken: Taken
  /** Of a project, in the order of its specification. */
  readonly targetsOf: (spec: unknown) => readonly QuotaTarget[]
  readonly onClose: () => void
}

/** Sets what may be used by sliders; what saving changes is said before. */
export function QuotaDialog(props: QuotaDialogProps) {
  const { kind, name, workspace } = props
  const read = useQuery({
    queryKey: ['object', kind, name, 'quota'],
    queryFn: ({ signal }) => api.kinds.get({ params: { kind, name }, query: whereOf(workspace), signal }),
    gcTime: 0,
  })
  return read.data === undefined ? null : <QuotaForm {...props} base={read.data} />
}

const whereOf = (workspace: string | undefined) => (workspace === undefined ? {} : { workspace })

function QuotaForm({
  kind,
  name,
  workspace,
  resources,
  most,
  taken,
  targetsOf,
  base,
  onClose,
}: QuotaDialogProps & { base: KubeObjectShape }) {
  const { t } = useText()
  const [before] = useState(() => readQuota(base['spec'], resources))
  const [form, setForm] = useState(before)
  const targets = targetsOf(base['spec'])
  const changes = quotaChanges(before, form)
  const faulty = [form.whole, ...form.targets].some((amounts) => faultyAmounts(amounts).length > 0)
  const tooMuch = overdrawn(
    form,
    targets.map(({ namespaces }) => namespaces),
  )
  const words =
    kind === 'Project'
      ? { words: t.quota.usedOf, below: t.quota.belowUsed }
      : { words: t.quota.givenOf, below: t.quota.belowGiven }
  const save = useMutation({
    mutationFn: () =>
      replaceObject(api, { kind, name, where: whereOf(workspace) }, base, (object) => ({
        ...object,
        spec: patchQuota(object['spec'], resources, form),
      })),
    onSuccess() {
      for (const queryKey of [keys.projects, keys.project(name), keys.workspaces, keys.workspace(workspace ?? name)])
        void queryClient.invalidateQueries({ queryKey })
      notify(t.workspaces.saved(name))
      onClose()
    },
  })
  const nameOf = (target: number | undefined): string =>
    target === undefined ? t.quota.inAll : (targets[target]?.name ?? String(target + 1))
  return (
    <FormDialog
      title={t.quota.setTitle(name)}
      submit={t.workspaces.save}
      running={save.isPending}
      held={faulty || changes.length === 0 || tooMuch.length > 0}
      width={680}
      error={save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <fieldset>
        <legend>{kind === 'Project' ? t.quota.inAll : t.quota.ofWorkspace}</legend>
        {resources.map((resource) => {
          const amount = taken.get(resource)
          return (
            <AmountSlider
              key={resource}
              resource={resource}
              about={nameOf(undefined)}
              value={form.whole[resource] ?? ''}
              most={most.get(resource)}
              taken={amount === undefined ? undefined : { amount, ...words }}
              onChange={(value) => setForm({ ...form, whole: { ...form.whole, [resource]: value } })}
            />
          )
        })}
      </fieldset>
      {form.targets.map((amounts, index) => (
        <details key={nameOf(index)} open={Object.values(amounts).some((amount) => amount !== '')}>
          <summary>
            {nameOf(index)} <span className="sub">{t.quota.targetHint(targets[index]?.namespaces ?? 1)}</span>
          </summary>
          <fieldset aria-label={nameOf(index)}>
            {resources.map((resource) => {
              const amount = targets[index]?.used.get(resource)
              return (
                <AmountSlider
                  key={resource}
                  resource={resource}
                  about={nameOf(index)}
                  value={amounts[resource] ?? ''}
                  most={nanosOf((form.whole[resource] ?? '').trim())}
                  taken={amount === undefined ? undefined : { amount, ...words }}
                  onChange={(value) =>
                    setForm({
                      ...form,
                      targets: form.targets.with(index, { ...amounts, [resource]: value }),
                    })
                  }
                />
              )
            })}
          </fieldset>
        </details>
      ))}
      <section className="preview" aria-live="polite" aria-label={t.quota.changes}>
        {changes.length === 0 && t.quota.noChanges}
        {tooMuch.length > 0 && <div className="failed">{t.quota.overdrawn(tooMuch.join(', '))}</div>}
        <ul>
          {changes.map(({ target, resource, from, to }) => (
            <li key={`${target} ${resource}`}>
              {nameOf(target)}: {resource} {from === '' ? t.quota.unbounded : from} →{' '}
              <b>{to === '' ? t.quota.unbounded : to}</b>
            </li>
          ))}
        </ul>
      </section>
    </FormDialog>
  )
}
