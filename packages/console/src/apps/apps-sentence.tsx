import { useQuery } from '@tanstack/react-query'
import { useText } from '../i18n/text.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { useApplicationCount } from '../query/use-applications.ts'
import { StatusIcon } from '../status/status-icon.tsx'

/** All applications in one sentence: how many, and whether any of them is unwell. */
export function AppsSentence() {
  const { t } = useText()
  const { data: total } = useApplicationCount()
  const { data: unwell } = useQuery({
    queryKey: [...keys.applicationCount, 'unwell'],
    queryFn: async ({ signal }) =>
      (await api.applications.list({ query: { limit: 1, health: ['Failed', 'Degraded', 'Missing'] }, signal })).total,
  })
  if (total === undefined || unwell === undefined || total === 0) return <p className="say">&nbsp;</p>
  return (
    <p className="say">
      <StatusIcon look={unwell > 0 ? 'failed' : 'healthy'} />
      <span>
        <b>{unwell > 0 ? t.apps.failing(unwell) : t.apps.allWell}</b> · {t.apps.summary(total)}
      </span>
    </p>
  )
}
