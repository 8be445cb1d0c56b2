import type { ApplicationRow } from '@flotilla/api'
import { Link } from 'react-router'
import type { Column } from '../components/data-table.tsx'
import { Time } from '../components/time.tsx'
import type { Text } from '../i18n/text.ts'
import { Health } from '../status/health.tsx'
import { computeHeadline } from '../status/headline.ts'
import { TargetDots } from './target-dots.tsx'

export function appColumns({ t, f }: Text, to: (row: ApplicationRow) => string): Column<ApplicationRow>[] {
  return [
    {
      id: 'name',
      title: t.apps.application,
      sort: 'name',
      render: (row) => (
        <Link className="name" to={to(row)}>
          {row.name}
        </Link>
      ),
    },
    {
      id: 'project',
      title: t.apps.project,
      sort: 'project',
      render: (row) => <span className="muted">{row.project}</span>,
    },
    {
      id: 'health',
      title: t.apps.health,
      sort: 'health',
      render: (row) => <Health state={row.health.state} unknown={row.health.unknown} />,
    },
    {
      id: 'state',
      title: t.apps.state,
      render: (row) => {
        const headline = computeHeadline(row.sentence, { t, f })
        const text = row.sentence.detail === '' ? headline : headline + t.sentence.joint + row.sentence.detail
        return (
          <span className={row.sentence.code === 'healthy' ? 'muted' : ''} title={text}>
            {text}
            {row.sentence.since !== undefined && row.sentence.code !== 'healthy' && (
              <span className="sub">
                {' · '}
                <Time at={row.sentence.since} as="span" />
              </span>
            )}
          </span>
        )
      },
    },
    { id: 'targets', title: t.apps.targets, render: (row) => <TargetDots row={row} /> },
    { id: 'revision', title: t.apps.revision, end: true, render: (row) => row.revision ?? '—' },
    {
      id: 'changed',
      title: t.apps.changed,
      sort: 'changed',
      render: (row) => <Time at={row.changedAt ?? row.createdAt} />,
    },
  ]
}
