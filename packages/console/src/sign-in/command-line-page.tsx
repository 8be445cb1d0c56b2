import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import { useSearchParams } from 'react-router'
import { Problem } from '../components/problem.tsx'
import { useText } from '../i18n/text.ts'
import { api } from '../query/api.ts'
import { useSession } from '../query/use-session.ts'
import { Page } from '../shell/page.tsx'
import { commandLineAsk } from './command-line-ask.ts'

/** A command line of this machine asks to be signed in; the person says whether it was them. */
export function CommandLinePage() {
  const { t } = useText()
  const [search] = useSearchParams()
  const person = useSession().data?.person
  const ask = commandLineAsk(search)
  const grant = useMutation({
    mutationFn: async ({ challenge, port }: NonNullable<typeof ask>) => {
      const { code } = await api.session.grantCommandLine({ body: { challenge } })
      return `http://127.0.0.1:${port}/?code=${encodeURIComponent(code)}`
    },
    onSuccess: (address) => location.assign(address),
  })
  return (
    <Page crumbs={[{ text: t.commandLine.title }]} title={t.commandLine.title}>
      <div className="panel" style={{ padding: 16, maxWidth: 560 }}>
        <div className="form">
          {ask === undefined ? (
            <div>{t.commandLine.wrong}</div>
          ) : (
            <>
              <div>{t.commandLine.ask(person?.displayName ?? person?.name ?? '')}</div>
              <div className="muted">{t.commandLine.warning}</div>
              {grant.isError && <Problem error={grant.error} />}
              <div className="row">
                <Button type="primary" loading={grant.isPending} onClick={() => grant.mutate(ask)}>
                  {t.commandLine.allow}
                </Button>
              </div>
            </>
          )}
        </div>
      </div>
    </Page>
  )
}
