import type { ApplicationDetail } from '@flotilla/api'
import { useNavigate } from 'react-router'
import { KeepOrDelete } from '../components/keep-or-delete.tsx'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { api } from '../query/api.ts'

/** Deleting an application asks what becomes of what it delivered. */
export function RemoveApp({ detail, onClose }: { detail: ApplicationDetail; onClose: () => void }) {
  const { t } = useText()
  const navigate = useNavigate()
  const { carry } = useClusterFilter()
  const lost = detail.matrix.targets
    .filter(({ connection }) => connection?.state === 'lost')
    .map(({ cluster }) => cluster)
  return (
    <KeepOrDelete
      title={t.app.removeTitle(detail.name)}
      lead={t.app.removeLead(detail.matrix.targets.length)}
      warning={lost.length === 0 ? undefined : t.sentence.headline.unknown(lost.join(', '))}
      keep={{ label: t.app.removeKeep, hint: t.app.removeKeepHint }}
      delete={{ label: t.app.removeDelete, hint: t.app.removeDeleteHint }}
      submit={t.app.removeSubmit}
      onClose={onClose}
      onRemove={async (objects) => {
        await api.applications.remove({
          params: { project: detail.project, application: detail.name },
          query: { objects },
        })
        notify(t.app.removedNow(detail.name))
        void navigate(carry('/apps'))
      }}
    />
  )
}
