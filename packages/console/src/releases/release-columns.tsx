import type { ReleaseRow } from '@flotilla/api'
import { Link } from 'react-router'
import type { Column } from '../components/data-table.tsx'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import type { Text } from '../i18n/text.ts'
import { choiceWords } from './choice-words.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { PhaseMark, RolloutMark } from './phase-mark.tsx'

export function releaseColumns({ t, f }: Text, to: (row: ReleaseRow) => string): Column<ReleaseRow>[] {
  return [
    {
      id: 'name',
      title: t.releases.release,
      sort: 'name',
      render: (row) => (
        <>
          <Link className="name" to={to(row)}>
            {row.name}
          </Link>
          {row.title !== undefined && <span className="sub"> {visibleText(row.title)}</span>}
        </>
      ),
    },
    {
      id: 'application',
      title: t.releases.application,
      render: (row) => (
        <>
          {row.application} <span className="sub">{row.project}</span>
        </>
      ),
    },
    { id: 'phase', title: t.releases.phase, render: (row) => <PhaseMark row={row} /> },
    { id: 'changes', title: t.releases.changes, render: (row) => <Choices row={row} t={t} /> },
    {
      id: 'targets',
      title: t.releases.targets,
      end: true,
      render: (row) => (row.frozenAt === undefined ? '—' : f.number(row.targets)),
    },
    {
      id: 'approvals',
      title: t.releases.approvals,
      end: true,
      render: ({ approvals: { approved, rejected } }) =>
        approved + rejected === 0 ? '—' : t.releases.approvalsGiven(approved, rejected),
    },
    { id: 'rollout', title: t.releases.rollout, render: (row) => <Goes row={row} t={t} /> },
    { id: 'author', title: t.releases.author, render: (row) => f.list(row.authors.map(({ name }) => name)) },
    { id: 'created', title: t.releases.age, sort: 'created', render: (row) => <Time at={row.createdAt} /> },
  ]
}

function Choices({ row, t }: { row: ReleaseRow; t: Text['t'] }) {
  const words = choiceWords(row.choices)
  if (words.length === 0) return <span className="muted">{t.releases.asDeclared}</span>
  const line = words.join(', ')
  return (
    <span className="v release-choices" title={line}>
      {line}
    </span>
  )
}

/** The newest run; that it needs somebody, or what it waits for, since when. */
function Goes({ row, t }: { row: ReleaseRow; t: Text['t'] }) {
  const waitingFor = row.rollout?.waitingFor ?? row.waitingFor
  const since = row.rollout?.waitingSince ?? row.waitingSince
  const awaits = row.rollout?.awaits
  if (row.rollout === undefined && waitingFor === undefined) return '—'
  return (
    <span className="status release-goes" title={waitingFor}>
      {row.rollout !== undefined && awaits === undefined && <RolloutMark phase={row.rollout.phase} />}
      {awaits !== undefined && (
        <span className="status">
          <StatusIcon look={awaits === 'approval' ? 'suspended' : 'failed'} />
          <b>{awaits === 'approval' ? t.releases.needsApproval : t.releases.needsDecision}</b>
        </span>
      )}
      {waitingFor !== undefined && awaits === undefined && <span className="sub clip">{visibleText(waitingFor)}</span>}
      {since !== undefined && (
        <span className="sub">
          <Time at={since} as="span" />
        </span>
      )}
    </span>
  )
}
