import type { SignInWays } from '@flotilla/api'
import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import { Problem } from '../components/problem.tsx'
import { useText } from '../i18n/text.ts'
import { api } from '../query/api.ts'

/** One button for each provider that the browser goes to. */
export function ProviderButtons({ providers, next }: { providers: SignInWays['providers']; next: string }) {
  const { t } = useText()
  const begin = useMutation({
    mutationFn: (provider: string) => api.signIn.begin({ params: { provider }, body: { next } }),
    onSuccess: ({ url }) => location.assign(url),
  })
  const shown = providers.filter(({ form }) => form === 'redirect')
  if (shown.length === 0) return null
  return (
    <div className="providers">
      {shown.map(({ name, displayName }) => (
        <Button
          key={name}
          block
          loading={begin.isPending && begin.variables === name}
          disabled={begin.isPending && begin.variables !== name}
          onClick={() => begin.mutate(name)}
        >
          {t.signIn.through(displayName ?? name)}
        </Button>
      ))}
      {begin.isError && <Problem error={begin.error} />}
      <div className="or">
        <span>{t.signIn.or}</span>
      </div>
    </div>
  )
}
