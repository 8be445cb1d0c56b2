import { Button } from 'antd'
import { type LoaderFunctionArgs, redirect, useLoaderData } from 'react-router'
import { Problem } from '../components/problem.tsx'
import { useText } from '../i18n/text.ts'
import { api } from '../query/api.ts'
import { enterSession } from './enter-session.ts'
import { safeNext } from './safe-next.ts'
import { SignFrame } from './sign-frame.tsx'

/** Takes what the provider put behind the address to the server; on success one goes on to where one was. */
export async function finishSignIn({ params, request }: LoaderFunctionArgs): Promise<{ readonly error: unknown }> {
  const { search } = new URL(request.url)
  const provider = params['provider'] ?? ''
  try {
    const { next, ...session } = await api.signIn.finish({ params: { provider }, body: { parameters: search } })
    enterSession(session)
    throw redirect(safeNext(next))
  } catch (error) {
    if (error instanceof Response) throw error
    return { error }
  }
}

/** Seen only when the answer of the provider was refused. */
export function CallbackPage() {
  const { t } = useText()
  const { error } = useLoaderData<typeof finishSignIn>()
  return (
    <SignFrame title={t.signIn.notSignedIn}>
      <Problem error={error} />
      <Button type="primary" block href="/sign-in">
        {t.signIn.again}
      </Button>
    </SignFrame>
  )
}
