import { generatePassword } from '@flotilla/model/generate-password'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { Field } from '../components/field.tsx'
import { FormDialog } from '../components/form-dialog.tsx'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { api } from '../query/api.ts'
import { refreshPeople } from '../query/use-people.ts'
import { writeDocument } from '../query/write-document.ts'
import { GivenPassword } from './given-password.tsx'

interface Made {
  readonly name: string
  /** Absent where the person was made and the password was not. */
  readonly password: string | undefined
}

/** Makes a person with a first password, which is shown once. */
export function AddPerson({ onClose }: { onClose: () => void }) {
  const { t } = useText()
  const navigate = useNavigate()
  const [form, setForm] = useState({ name: '', displayName: '', email: '' })
  const set = (change: Partial<typeof form>) => setForm({ ...form, ...change })
  const add = useMutation({
    mutationFn: () => create(form),
    async onSuccess(made) {
      await refreshPeople()
      if (made.password !== undefined) return
      notify(t.people.passwordFailed, { bad: true })
      void navigate(`/access/people/${made.name}`)
    },
  })
  if (add.data?.password !== undefined) {
    const { name, password } = add.data
    return <GivenPassword name={name} password={password} onDone={() => void navigate(`/access/people/${name}`)} />
  }
  return (
    <FormDialog
      title={t.people.addTitle}
      submit={t.people.create}
      running={add.isPending}
      error={add.error}
      width={460}
      onSubmit={() => add.mutate()}
      onClose={onClose}
    >
      <div className="muted">{t.people.addLead}</div>
      <Field
        label={t.people.name}
        hint={t.people.nameHint}
        required
        autoFocus
        maxLength={63}
        pattern="[a-z0-9]([-a-z0-9]*[a-z0-9])?"
        autoComplete="off"
        value={form.name}
        onChange={(event) => set({ name: event.target.value })}
      />
      <Field
        label={t.people.displayName}
        maxLength={128}
        autoComplete="off"
        value={form.displayName}
        onChange={(event) => set({ displayName: event.target.value })}
      />
      <Field
        label={t.people.email}
        type="email"
        maxLength={254}
        autoComplete="off"
        value={form.email}
        onChange={(event) => set({ email: event.target.value })}
      />
    </FormDialog>
  )
}

async function create(form: { name: string; displayName: string; email: string }): Promise<Made> {
  const [displayName, email] = [form.displayName.trim(), form.email.trim()]
  const object = {
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'User',
    metadata: { name: form.name.trim() },
    spec: { ...(displayName === '' ? {} : { displayName }), ...(email === '' ? {} : { email }) },
  }
  const { ref } = await writeDocument(api, { documents: JSON.stringify(object), mode: 'create' })
  const password = generatePassword()
  try {
    await api.users.setPassword({ params: { user: ref.name }, body: { password, mustChange: true } })
  } catch {
    // the person is there all the same; another try is a click away on their page
    return { name: ref.name, password: undefined }
  }
  return { name: ref.name, password }
}
