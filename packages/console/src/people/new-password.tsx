import { generatePassword } from '@flotilla/model/generate-password'
import { useMutation } from '@tanstack/react-query'
import { FormDialog } from '../components/form-dialog.tsx'
import { useText } from '../i18n/text.ts'
import { api } from '../query/api.ts'
import { refreshPeople } from '../query/use-people.ts'
import { GivenPassword } from './given-password.tsx'

/** Gives somebody another password, which is shown once. */
export function NewPassword({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useText()
  const make = useMutation({
    async mutationFn() {
      const password = generatePassword()
      await api.users.setPassword({ params: { user: name }, body: { password, mustChange: true } })
      return password
    },
    onSuccess: refreshPeople,
  })
  if (make.data !== undefined) return <GivenPassword name={name} password={make.data} onDone={onClose} />
  return (
    <FormDialog
      title={t.people.passwordTitle(name)}
      submit={t.people.passwordMake}
      running={make.isPending}
      error={make.error}
      width={460}
      onSubmit={() => make.mutate()}
      onClose={onClose}
    >
      <div>{t.people.passwordAsk}</div>
    </FormDialog>
  )
}
