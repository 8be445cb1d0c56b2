import { useMutation } from '@tanstack/react-query'
import { Button, Modal } from 'antd'
import { useState } from 'react'
import { CopyText } from '../components/copy-text.tsx'
import { Field } from '../components/field.tsx'
import { FormDialog } from '../components/form-dialog.tsx'
import { SelectField } from '../components/select-field.tsx'
import { useText } from '../i18n/text.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { queryClient } from '../query/query-client.ts'
import { useProjects } from '../query/use-fleet.ts'

interface AddTokenProps {
  /** A service account; one's own when absent. */
  readonly account?: string
  /** The only project that it has roles in. */
  readonly project?: string
  readonly onClose: () => void
}

/** Makes a token, and shows it once. */
export function AddToken({ account, project: only, onClose }: AddTokenProps) {
  const { t } = useText()
  const { data: projects = [] } = useProjects()
  const [form, setForm] = useState<{ name: string; access: 'read' | 'write'; project: string; days: string }>({
    name: '',
    access: 'read',
    project: '',
    days: '90',
  })
  const set = (change: Partial<typeof form>) => setForm({ ...form, ...change })
  const add = useMutation({
    mutationFn: () => {
      const { name, access, project, days } = form
      return api.tokens.create({
        body: {
          name,
          access,
          days: Number(days),
          ...(project === '' ? {} : { project }),
          ...(account === undefined ? {} : { user: account }),
        },
      })
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.tokens }),
  })
  if (add.data !== undefined) {
    const { name, token } = add.data
    return (
      <Modal
        open
        title={t.tokens.shownTitle(name)}
        footer={null}
        width={520}
        onCancel={onClose}
        mask={{ closable: false }}
      >
        <div className="form">
          <div>{t.tokens.shown}</div>
          <CopyText text={token} label={name} />
          <div className="row">
            <span className="push" />
            <Button type="primary" onClick={onClose}>
              {t.tokens.done}
            </Button>
          </div>
        </div>
      </Modal>
    )
  }
  return (
    <FormDialog
      title={t.tokens.addTitle}
      submit={t.tokens.create}
      running={add.isPending}
      error={add.error}
      width={460}
      onSubmit={() => add.mutate()}
      onClose={onClose}
    >
      <Field
        label={t.tokens.name}
        required
        autoFocus
        maxLength={64}
        autoComplete="off"
        value={form.name}
        onChange={(event) => set({ name: event.target.value })}
      />
      <SelectField
        label={t.tokens.access}
        hint={
          form.access === 'read'
            ? t.tokens.readsHint
            : account === undefined
              ? t.tokens.writesHint
              : t.accounts.writesHint
        }
        value={form.access}
        onChange={(event) => set({ access: event.target.value === 'write' ? 'write' : 'read' })}
      >
        <option value="read">{t.tokens.reads}</option>
        <option value="write">{t.tokens.writes}</option>
      </SelectField>
      <SelectField
        label={t.tokens.where}
        hint={account === undefined ? t.tokens.whereHint : t.accounts.whereHint}
        value={form.project}
        onChange={(event) => set({ project: event.target.value })}
      >
        <option value="">{t.tokens.everywhere}</option>
        {(only === undefined ? projects.map(({ name }) => name) : [only]).map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </SelectField>
      <Field
        label={t.tokens.days}
        type="number"
        min={1}
        max={365}
        required
        value={form.days}
        onChange={(event) => set({ days: event.target.value })}
      />
    </FormDialog>
  )
}
