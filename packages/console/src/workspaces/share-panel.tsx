import type { WorkspaceRow } from '@flotilla/api'
import { useText } from '../i18n/text.ts'
import { AmountBar } from './amount-bar.tsx'
import { shareRows } from './quota-rows.ts'

/** What the projects of a workspace have of what they may have, and what is left; nothing where it has no bound. */
export function SharePanel({ quota }: { quota: WorkspaceRow['quota'] }) {
  const { t } = useText()
  const rows = shareRows(quota)
  if (rows.length === 0) return null
  return (
    <section className="panel shares" aria-label={t.quota.share}>
      {rows.map(({ resource, allocated, hard, left, ratio }) => (
        <div key={resource}>
          <span className="label">{resource}</span>
          <AmountBar label={`${t.quota.share} ${resource}`} ratio={ratio} text={t.quota.of(allocated, hard)} />
          <span className="sub">{t.quota.leftOf(left)}</span>
        </div>
      ))}
    </section>
  )
}
