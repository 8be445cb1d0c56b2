import type { KubeObjectShape, PersonDetail } from '@flotilla/api'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Field } from '../components/field.tsx'
import { FormDialog } from '../components/form-dialog.tsx'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { api } from '../query/api.ts'
import { editObject } from '../query/edit-object.ts'
import { refreshPeople } from '../query/use-people.ts'

/** Changes how somebody is called and written to. */
export function EditPerson({ person, onClose }: { person: PersonDetail; onClose: () => void }) {
  const { t } = useText()
  const [form, setForm] = useState({ displayName: person.displayName ?? '', email: person.email ?? '' })
  const save = useMutation({
    mutationFn: () => editPerson(person.name, form),
    onSuccess() {
      notify(t.people.saved(person.name))
      onClose()
    },
  })
  return (
    <FormDialog
      title={t.people.editTitle(person.name)}
      submit={t.people.save}
      running={save.isPending}
      error={save.error}
      width={460}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <Field
        label={t.people.displayName}
        maxLength={128}
        autoFocus
        value={form.displayName}
        onChange={(event) => setForm({ ...form, displayName: event.target.value })}
      />
      <Field
        label={t.people.email}
        type="email"
        maxLength={254}
        value={form.email}
        onChange={(event) => setForm({ ...form, email: event.target.value })}
      />
    </FormDialog>
  )
}

interface PersonChange {
  readonly displayName?: string
  readonly email?: string
  readonly disabled?: boolean
}

/** Sets these fields of a User, and leaves all others; an empty text takes its field away. */
export async function editPerson(name: string, change: PersonChange): Promise<void> {
  const set = Object.entries(change).filter(([, value]) => value !== '')
  const gone = new Set(Object.keys(change).filter((key) => change[key as keyof PersonChange] === ''))
  await editObject(api, { kind: 'User', name }, (object: KubeObjectShape) => {
    const kept = Object.entries(Object.assign({}, object['spec'])).filter(([key]) => !gone.has(key))
    return { ...object, spec: Object.fromEntries([...kept, ...set]) }
  })
  await refreshPeople()
}
