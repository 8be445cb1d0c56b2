import { FlotillaError } from '@flotilla/model/errors'
import { useMutation } from '@tanstack/react-query'
import { Button, Checkbox } from 'antd'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { Field } from '../components/field.tsx'
import { Problem } from '../components/problem.tsx'
import { TextArea } from '../components/text-area.tsx'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { queryClient } from '../query/query-client.ts'
import { parseLabels } from './parse-labels.ts'

const empty = { name: '', kubeconfig: '', context: '', displayName: '', labels: '', edge: false }
type Draft = typeof empty

/** A cluster by its kubeconfig. The server checks it first; a fault is shown at its field, with what to do. */
export function AddByKubeconfig({ onClose }: { onClose: () => void }) {
  const { t } = useText()
  const navigate = useNavigate()
  const [draft, setDraft] = useState<Draft>(empty)
  const labels = parseLabels(draft.labels)
  const add = useMutation({
    mutationFn: () =>
      api.clusters.add({
        body: {
          name: draft.name.trim(),
          kubeconfig: draft.kubeconfig,
          edge: draft.edge,
          ...(draft.context.trim() === '' ? {} : { context: draft.context.trim() }),
          ...(draft.displayName.trim() === '' ? {} : { displayName: draft.displayName.trim() }),
          ...(labels.ok ? { labels: labels.labels } : {}),
        },
      }),
    onSuccess(row) {
      void queryClient.invalidateQueries({ queryKey: keys.clusters })
      notify(t.fleet.added(row.name))
      void navigate(`/fleet/${row.name}`)
    },
  })
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change })
  const faultOf = (field: string) => {
    const error = add.error instanceof FlotillaError ? add.error : undefined
    if (error?.field === undefined) return {}
    const own =
      error.field === field || error.field.startsWith(`${field}.`) || (field === 'kubeconfig' && isInside(error))
    return own ? { wrong: [error.message, error.remedy].filter(Boolean).join(' ') } : {}
  }
  const shownAtField = ['name', 'kubeconfig', 'context', 'labels'].some((field) => 'wrong' in faultOf(field))
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault()
        if (labels.ok) add.mutate()
      }}
    >
      <Field
        label={t.fleet.name}
        hint={t.fleet.nameHint}
        required
        autoFocus
        value={draft.name}
        {...faultOf('name')}
        onChange={(event) => set({ name: event.target.value })}
      />
      <TextArea
        label={t.fleet.kubeconfig}
        hint={t.fleet.kubeconfigHint}
        required
        rows={9}
        value={draft.kubeconfig}
        {...faultOf('kubeconfig')}
        onChange={(event) => set({ kubeconfig: event.target.value })}
      />
      <Field
        label={t.fleet.context}
        hint={t.fleet.contextHint}
        value={draft.context}
        {...faultOf('context')}
        onChange={(event) => set({ context: event.target.value })}
      />
      <Field
        label={t.fleet.displayName}
        value={draft.displayName}
        onChange={(event) => set({ displayName: event.target.value })}
      />
      <TextArea
        label={t.fleet.labels}
        hint={t.fleet.labelsHint}
        rows={2}
        value={draft.labels}
        {...(labels.ok ? faultOf('labels') : { wrong: t.fleet.labelWrong(labels.line) })}
        onChange={(event) => set({ labels: event.target.value })}
      />
      <Checkbox checked={draft.edge} onChange={(event) => set({ edge: event.target.checked })}>
        {t.fleet.edgeMark}
      </Checkbox>
      {add.isError && !shownAtField && <Problem error={add.error} />}
      <div className="row">
        <span className="push" />
        <Button onClick={onClose}>{t.shell.cancel}</Button>
        <Button type="primary" htmlType="submit" loading={add.isPending}>
          {t.fleet.addSubmit}
        </Button>
      </div>
    </form>
  )
}

/** Fields such as `users[0].user.exec` lie inside the kubeconfig. */
const isInside = (error: FlotillaError): boolean =>
  error.code === 'kubeconfig.refused' ||
  error.code === 'address.refused' ||
  /^(users|clusters|contexts|current-context)/.test(error.field ?? '')
