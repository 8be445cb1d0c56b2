import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Field } from '../components/field.tsx'
import { FormDialog } from '../components/form-dialog.tsx'
import { SelectField } from '../components/select-field.tsx'
import { useText } from '../i18n/text.ts'
import { giveRole } from '../members/change-roles.ts'
import { placeQuery, type RolePlace } from '../members/role-place.ts'
import { useRoleChoices } from '../members/use-role-choices.ts'
import { notify } from '../notices/notices.ts'
import { api } from '../query/api.ts'
import { refreshAccounts } from '../query/use-service-accounts.ts'

interface AddAccountProps {
  readonly place: RolePlace
  readonly onClose: () => void
  /** Its name: the next thing is a token. */
  readonly onMade: (name: string) => void
}

/** Makes an account for programs, with a role there if one is chosen. */
export function AddAccount({ place, onClose, onMade }: AddAccountProps) {
  const { t } = useText()
  const choices = useRoleChoices(place)
  const [form, setForm] = useState({ name: '', displayName: '', role: '' })
  const set = (change: Partial<typeof form>) => setForm({ ...form, ...change })
  /** One that was made stays made when its role is refused: sending again goes on with the role. */
  const [made, setMade] = useState('')
  const add = useMutation({
    async mutationFn() {
      const name = form.name.trim()
      const displayName = form.displayName.trim()
      if (made !== name) {
        const body = { name, ...placeQuery(place), ...(displayName === '' ? {} : { displayName }) }
        await api.serviceAccounts.add({ body })
        setMade(name)
        notify(t.accounts.added(name))
      }
      if (form.role !== '') await giveRole(place, name, form.role, t)
      return name
    },
    onSuccess: (name) => onMade(name),
    onSettled: () => refreshAccounts(),
  })
  return (
    <FormDialog
      title={t.accounts.addTitle}
      submit={t.accounts.create}
      running={add.isPending}
      error={add.error}
      width={460}
      onSubmit={() => add.mutate()}
      onClose={onClose}
    >
      <Field
        label={t.roles.name}
        hint={t.accounts.nameHint}
        required
        autoFocus
        maxLength={50}
        pattern="[a-z0-9]([-a-z0-9]*[a-z0-9])?"
        autoComplete="off"
        value={form.name}
        onChange={(event) => set({ name: event.target.value })}
      />
      <Field
        label={t.roles.displayName}
        maxLength={128}
        value={form.displayName}
        onChange={(event) => set({ displayName: event.target.value })}
      />
      <SelectField
        label={t.accounts.role}
        hint={choices.find(({ role }) => role === form.role)?.may ?? t.accounts.roleHint}
        value={form.role}
        onChange={(event) => set({ role: event.target.value })}
      >
        <option value="">{t.accounts.noRole}</option>
        {choices.map(({ role, text }) => (
          <option key={role} value={role}>
            {text}
          </option>
        ))}
      </SelectField>
    </FormDialog>
  )
}
