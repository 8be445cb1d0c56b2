import { FlotillaError } from '@flotilla/model/errors'
import { useMutation } from '@tanstack/react-query'
import { Button, Checkbox } from 'antd'
import { useState } from 'react'
import { Field } from '../components/field.tsx'
import { Problem } from '../components/problem.tsx'
import { TextArea } from '../components/text-area.tsx'
import { useText } from '../i18n/text.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { queryClient } from '../query/query-client.ts'
import { JoinByAgent } from './join-by-agent.tsx'
import { parseLabels } from './parse-labels.ts'

const empty = { name: '', labels: '', edge: false }

/** A cluster that cannot be dialled: what it is called, then what starts the agent in it. */
export function AddByAgent({ onClose }: { onClose: () => void }) {
  const { t } = useText()
  const [draft, setDraft] = useState(empty)
  const labels = parseLabels(draft.labels)
  const add = useMutation({
    mutationFn: () =>
      api.agents.add({
        body: {
          name: draft.name.trim(),
          edge: draft.edge,
          form: 'command',
          ...(labels.ok ? { labels: labels.labels } : {}),
        },
      }),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: keys.clusters }),
  })
  const set = (change: Partial<typeof empty>) => setDraft({ ...draft, ...change })
  if (add.data !== undefined)
    return <JoinByAgent cluster={add.data.cluster.name} invitation={add.data} onClose={onClose} />
  const refused = add.error instanceof FlotillaError && add.error.field === 'name' ? add.error : undefined
  const wrong = refused === undefined ? {} : { wrong: [refused.message, refused.remedy].filter(Boolean).join(' ') }
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
        {...wrong}
        onChange={(event) => set({ name: event.target.value })}
      />
      <TextArea
        label={t.fleet.labels}
        hint={t.fleet.labelsHint}
        rows={2}
        value={draft.labels}
        {...(labels.ok ? {} : { wrong: t.fleet.labelWrong(labels.line) })}
        onChange={(event) => set({ labels: event.target.value })}
      />
      <Checkbox checked={draft.edge} onChange={(event) => set({ edge: event.target.checked })}>
        {t.fleet.edgeMark}
      </Checkbox>
      {add.isError && refused === undefined && <Problem error={add.error} />}
      <div className="row">
        <span className="push" />
        <Button onClick={onClose}>{t.shell.cancel}</Button>
        <Button type="primary" htmlType="submit" loading={add.isPending}>
          {t.joining.addSubmit}
        </Button>
      </div>
    </form>
  )
}
