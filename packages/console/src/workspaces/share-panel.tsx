import type { WorkspaceRow } from '@flotilla/api'
import type { Action } from '../actions/action.ts'
import { ActionButton } from '../actions/action-button.tsx'
import { useText } from '../i18n/text.ts'
import { AmountBar } from './amount-bar.tsx'
import { shareRows } from '@flotilla/model/quota-figures'

/** What the projects of a workspace have of what they may have, and what is left; nothing where it has no bound. */
export function SharePanel({ quota, change }: { quota: WorkspaceRow['quota']; change: Action }) {
  const { t } = useText()
  const rows = shareRows(quota)
  if (rows.length === 0 && !change.may.allowed) return null
  return (
    <section className="panel shares" aria-label={t.quota.share}>
      {rows.map(({ resource, allocated, hard, used, left, ratio }) => (
        <div key={resource}>
          <span className="label">{resource}</span>
          <AmountBar label={`${t.quota.share} ${resource}`} ratio={ratio} text={t.quota.of(allocated, hard)} />
          <span className="sub">
            {[...(used === undefined ? [] : [t.quota.usedOf(used)]), t.quota.leftOf(left)].join(' · ')}
          </span>
        </div>
      ))}
      {rows.length === 0 && <span className="muted">{t.quota.noBound}</span>}
      <span className="push" />
      <ActionButton small action={change} />
    </section>
  )
}
