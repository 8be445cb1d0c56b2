import { useMutation, useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useNavigate, useSearchParams } from 'react-router'
import { Field } from '../components/field.tsx'
import { formText } from '../components/form-text.ts'
import { Problem } from '../components/problem.tsx'
import { SelectField } from '../components/select-field.tsx'
import { useText } from '../i18n/text.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { enterSession } from './enter-session.ts'
import { ProviderButtons } from './provider-buttons.tsx'
import { safeNext } from './safe-next.ts'
import { SignFrame } from './sign-frame.tsx'

export function SignInPage() {
  const { t } = useText()
  const navigate = useNavigate()
  const [search] = useSearchParams()
  const next = safeNext(search.get('next'))
  const { data: ways } = useQuery({ queryKey: keys.signInWays, queryFn: ({ signal }) => api.signIn.ways({ signal }) })
  const providers = ways?.providers ?? []
  const directories = providers.filter(({ form }) => form === 'password')
  const signIn = useMutation({
    mutationFn: (form: FormData) => {
      const provider = formText(form, 'provider')
      return api.session.signIn({
        body: {
          username: formText(form, 'username'),
          password: formText(form, 'password'),
          kind: 'browser',
          ...(provider === '' ? {} : { provider }),
        },
      })
    },
    onSuccess({ person, kind, expiresAt, mustChangePassword }) {
      enterSession({ person, kind, expiresAt, mustChangePassword })
      void navigate(next, { replace: true })
    },
  })
  return (
    <SignFrame title={t.signIn.title}>
      {search.has('next') && search.get('next') !== '/apps' && !signIn.isError && (
        <p className="muted">{t.signIn.expired}</p>
      )}
      <ProviderButtons providers={providers} next={next} />
      <form
        onSubmit={(event) => {
          event.preventDefault()
          signIn.mutate(new FormData(event.currentTarget))
        }}
      >
        {directories.length > 0 && (
          <SelectField label={t.signIn.account} name="provider">
            {directories.map(({ name, displayName }) => (
              <option key={name} value={name}>
                {displayName ?? name}
              </option>
            ))}
            <option value="">{t.signIn.ownAccount}</option>
          </SelectField>
        )}
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
