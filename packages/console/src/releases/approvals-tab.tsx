import type { ApprovalRow, ReleaseDetail, RolloutDetail } from '@flotilla/api'
import { ActionButton } from '../actions/action-button.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { EmptyState } from '../components/empty-state.tsx'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import { type Text, useText } from '../i18n/text.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { waitingApprovals } from './step-place.ts'
import { useStepActions } from './use-step-actions.ts'

/** Who said yes or no to it, and what waits for somebody to. */
export function ApprovalsTab({ detail, run }: { detail: ReleaseDetail; run: RolloutDetail | undefined }) {
  const text = useText()
  const { t } = text
  const rows = detail.approvalList
  return (
    <div className="release-stack">
      {run !== undefined && <Waiting detail={detail} run={run} />}
      {rows.length === 0 ? (
        <EmptyState title={t.releases.noApprovals} hint={t.releases.noApprovalsHint} />
      ) : (
        <div className="panel list-panel">
          <DataTable label={t.releases.approvals} rows={rows} columns={columns(text)} keyOf={({ name }) => name} />
        </div>
      )}
    </div>
  )
}

function Waiting({ detail, run }: { detail: ReleaseDetail; run: RolloutDetail }) {
  const { t } = useText()
  const actions = useStepActions(detail, run)
  const waiting = waitingApprovals(run)
  if (waiting.length === 0) return null
  return (
    <section className="panel" aria-label={t.releases.approvalsWaiting}>
      <header>
        <h2>{t.releases.approvalsWaiting}</h2>
      </header>
      <ul className="evidence wide">
        {waiting.map(({ place, view }) => (
          <li key={`${place.stage} ${place.target?.cluster ?? ''} ${view.name}`} className="row">
            <StatusIcon look="suspended" />
            <span>{t.releases.approveLead(view.name, place.stage)}</span>
            {view.approval !== undefined && (
              <span className="sub">
                {t.rollouts.given(view.approval.given.length, view.approval.count)} ·{' '}
                {t.rollouts.mayApprove(visibleText(view.approval.who))}
              </span>
            )}
            <span className="push" />
            {actions.ofStep(place, view).map((action) => (
              <ActionButton key={action.id} action={action} small />
            ))}
          </li>
        ))}
      </ul>
    </section>
  )
}

const columns = ({ t }: Text): Column<ApprovalRow>[] => [
  { id: 'who', title: t.releases.who, render: ({ by }) => by.name },
  {
    id: 'decision',
    title: t.releases.decision,
    render: ({ decision, voidBecause }) => (
      <span className="status">
        <StatusIcon look={voidBecause !== undefined ? 'unknown' : decision === 'Rejected' ? 'failed' : 'healthy'} />
        <span className={voidBecause !== undefined ? 'muted' : decision === 'Rejected' ? 'failed' : 'healthy'}>
          {t.releases.decisions[decision]}
        </span>
        {voidBecause !== undefined && <span className="sub">{t.releases.voidBecause[voidBecause]}</span>}
      </span>
    ),
  },
  {
    id: 'for',
    title: t.releases.forWhat,
    render: ({ step }) => step ?? <span className="muted">{t.releases.whole}</span>,
  },
  { id: 'note', title: t.releases.note, render: ({ note = '' }) => <span title={note}>{visibleText(note)}</span> },
  { id: 'when', title: t.releases.when, render: ({ at }) => <Time at={at} /> },
]
