import type { RouteResult } from '@flotilla/api'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Field } from '../components/field.tsx'
import { FormDialog } from '../components/form-dialog.tsx'
import { SelectField } from '../components/select-field.tsx'
import { TextArea } from '../components/text-area.tsx'
import { useText } from '../i18n/text.ts'
import { api } from '../query/api.ts'
import { editObject } from '../query/edit-object.ts'
import { type ProviderRow, providerTypes, refreshProviders } from '../query/use-providers.ts'
import { writeDocument } from '../query/write-document.ts'
import { type ProviderForm, readForm, takesAuthority, writeForm } from './provider-form.ts'
import { SettingFields } from './setting-fields.tsx'
import { TestedDialog } from './tested-dialog.tsx'

interface ProviderDialogProps {
  /** Undefined: a new one. */
  readonly row: ProviderRow | undefined
  readonly onClose: () => void
}

/** The settings of an identity provider; saving asks it at once whether it answers. */
export function ProviderDialog({ row, onClose }: ProviderDialogProps) {
  const { t } = useText()
  const [name, setName] = useState(row?.name ?? '')
  const [secret, setSecret] = useState('')
  const [form, setForm] = useState<ProviderForm>(() => readForm(row?.type ?? 'oidc', row?.spec ?? {}))
  const set = (change: Partial<ProviderForm>) => setForm({ ...form, ...change })
  const save = useMutation({
    mutationFn: () => saveProvider(row, name.trim(), form, secret.trim()),
    onSuccess: refreshProviders,
  })
  if (save.data !== undefined) return <TestedDialog name={name} tested={save.data} onDone={onClose} />
  return (
    <FormDialog
      title={row === undefined ? t.providers.addTitle : t.providers.editTitle(row.name)}
      submit={t.providers.save}
      running={save.isPending}
      error={save.error}
      width={560}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      {row === undefined && (
        <>
          <SelectField
            label={t.providers.type}
            value={form.type}
            onChange={(event) => {
              const type = providerTypes.find((one) => one === event.target.value) ?? 'oidc'
              setForm({ ...readForm(type, {}), displayName: form.displayName, sessionHours: form.sessionHours })
            }}
          >
            {providerTypes.map((type) => (
              <option key={type} value={type}>
                {t.providers.types[type]}
              </option>
            ))}
          </SelectField>
          <Field
            label={t.providers.name}
            hint={t.providers.nameHint}
            required
            maxLength={32}
            pattern="[a-z0-9]([-a-z0-9]*[a-z0-9])?"
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </>
      )}
      <Field
        label={t.providers.displayName}
        maxLength={64}
        autoComplete="off"
        placeholder={name}
        value={form.displayName}
        onChange={(event) => set({ displayName: event.target.value })}
      />
      <SettingFields form={form} onChange={(settings) => set({ settings })} />
      <Field
        label={t.providers.secret}
        hint={row === undefined ? t.providers.secretHint : t.providers.secretKept}
        type="password"
        maxLength={4096}
        autoComplete="new-password"
        value={secret}
        onChange={(event) => setSecret(event.target.value)}
      />
      <Field
        label={t.providers.sessionHours}
        hint={t.providers.sessionHint}
        type="number"
        min={1}
        max={720}
        required
        value={form.sessionHours}
        onChange={(event) => set({ sessionHours: event.target.value })}
      />
      {takesAuthority(form.type) && (
        <TextArea
          label={t.providers.ca}
          hint={t.providers.caHint}
          rows={3}
          value={form.ca}
          onChange={(event) => set({ ca: event.target.value })}
        />
      )}
    </FormDialog>
  )
}

async function saveProvider(
  row: ProviderRow | undefined,
  name: string,
  form: ProviderForm,
  secret: string,
): Promise<RouteResult<'providers.test'>> {
  if (row === undefined) {
    const object = {
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'IdentityProvider',
      metadata: { name },
      spec: writeForm(form, {}),
    }
    await writeDocument(api, { documents: JSON.stringify(object), mode: 'create' })
  } else {
    await editObject(api, { kind: 'IdentityProvider', name }, (object) => ({
      ...object,
      spec: writeForm(form, Object.assign({}, object['spec'])),
    }))
  }
  if (secret !== '') await api.providers.setSecret({ params: { provider: name }, body: { secret } })
  return await api.providers.test({ params: { provider: name } })
}
