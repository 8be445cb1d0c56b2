import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import { useNavigate, useSearchParams } from 'react-router'
import { Problem } from '../components/problem.tsx'
import { useText } from '../i18n/text.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { queryClient } from '../query/query-client.ts'
import { closeDock } from '../dock/dock-store.ts'
import { formText } from '../components/form-text.ts'
import { Field } from '../components/field.tsx'
import { SignFrame } from './sign-frame.tsx'
import { safeNext } from './safe-next.ts'

export function SignInPage() {
  const { t } = useText()
  const navigate = useNavigate()
  const [search] = useSearchParams()
  const signIn = useMutation({
    mutationFn: (form: FormData) =>
      api.session.signIn({
        body: { username: formText(form, 'username'), password: formText(form, 'password'), kind: 'browser' },
      }),
    onSuccess({ person, kind, expiresAt, mustChangePassword }, form) {
      // another person's data must not show through
      if (queryClient.getQueryData(keys.session) === undefined) queryClient.clear()
      if (formText(form, 'username') !== sessionStorage.getItem('flotilla.person')) closeDock()
      sessionStorage.setItem('flotilla.person', formText(form, 'username'))
      queryClient.setQueryData(keys.session, { person, kind, expiresAt, mustChangePassword })
      void navigate(safeNext(search.get('next')), { replace: true })
    },
  })
  return (
    <SignFrame title={t.signIn.title}>
      {search.has('next') && search.get('next') !== '/apps' && !signIn.isError && (
        <p className="muted">{t.signIn.expired}</p>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault()
          signIn.mutate(new FormData(event.currentTarget))
        }}
      >
        <Field label={t.signIn.name} name="username" autoComplete="username" autoFocus required />
        <Field label={t.signIn.password} name="password" type="password" autoComplete="current-password" required />
        {signIn.isError && <Problem error={signIn.error} />}
        <Button type="primary" htmlType="submit" block loading={signIn.isPending}>
          {t.signIn.submit}
        </Button>
      </form>
    </SignFrame>
  )
}
