import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { Field } from '../components/field.tsx'
import { formText } from '../components/form-text.ts'
import { Problem } from '../components/problem.tsx'
import { useText } from '../i18n/text.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { queryClient } from '../query/query-client.ts'
import { SignFrame } from './sign-frame.tsx'
import { safeNext } from './safe-next.ts'

const shortest = 12

/** A password that somebody else gave is changed before anything else. */
export function PasswordPage() {
  const { t } = useText()
  const navigate = useNavigate()
  const [search] = useSearchParams()
  const [wrong, setWrong] = useState<{ next?: string; again?: string }>({})
  const change = useMutation({
    mutationFn: (body: { currentPassword: string; newPassword: string }) => api.session.changePassword({ body }),
    async onSuccess() {
      await queryClient.invalidateQueries({ queryKey: keys.session })
      void navigate(safeNext(search.get('next')), { replace: true })
    },
  })
  const submit = (form: FormData) => {
    const current = formText(form, 'current')
    const next = formText(form, 'next')
    const again = formText(form, 'again')
    const found = {
      ...(next.length < shortest ? { next: t.password.short } : {}),
      ...(next === again ? {} : { again: t.password.differ }),
    }
    setWrong(found)
    if (Object.keys(found).length === 0) change.mutate({ currentPassword: current, newPassword: next })
  }
  return (
    <SignFrame title={t.password.title}>
      <p className="muted">{t.password.lead}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit(new FormData(event.currentTarget))
        }}
      >
        <Field label={t.password.current} name="current" type="password" autoComplete="current-password" required />
        <Field
          label={t.password.next}
          name="next"
          type="password"
          autoComplete="new-password"
          required
          hint={t.password.nextHint}
          {...(wrong.next === undefined ? {} : { wrong: wrong.next })}
        />
        <Field
          label={t.password.again}
          name="again"
          type="password"
          autoComplete="new-password"
          required
          {...(wrong.again === undefined ? {} : { wrong: wrong.again })}
        />
        {change.isError && <Problem error={change.error} />}
        <Button type="primary" htmlType="submit" block loading={change.isPending}>
          {t.password.submit}
        </Button>
      </form>
    </SignFrame>
  )
}
