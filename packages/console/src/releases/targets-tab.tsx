import type { ReleaseDetail, RolloutDetail } from '@flotilla/api'
import { Link } from 'react-router'
import { type Column, DataTable } from '../components/data-table.tsx'
import { EmptyState } from '../components/empty-state.tsx'
import { type Text, useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { StatusIcon } from '../status/status-icon.tsx'
import { targetLooks } from './looks.ts'
import { releaseAddress } from './release-address.ts'

type Target = ReleaseDetail['targetList'][number]

/** Where a release goes, what it changes there, and what is wanted there now. */
export function TargetsTab({ detail, run }: { detail: ReleaseDetail; run: RolloutDetail | undefined }) {
  const text = useText()
  const { t } = text
  const { names, carry } = useClusterFilter()
  if (detail.targetList.length === 0) return <EmptyState title={t.releases.noTargets} hint={t.releases.noTargetsHint} />
  const rows = detail.targetList.filter(({ cluster }) => names === undefined || names.includes(cluster))
  const address = ({ cluster, namespace }: Target): string => {
    const base = carry(releaseAddress(detail))
    return `${base}${base.includes('?') ? '&' : '?'}target=${cluster}~${namespace}`
  }
  return (
    <div className="panel list-panel">
      <DataTable
        label={t.releases.targets}
        rows={rows}
        columns={columns(text, run, address)}
        keyOf={({ cluster, namespace }) => `${cluster}/${namespace}`}
      />
    </div>
  )
}

const columns = (
  { t }: Text,
  run: RolloutDetail | undefined,
  address: (target: Target) => string,
): Column<Target>[] => [
  {
    id: 'cluster',
    title: t.releases.cluster,
    render: (row) => (
      <Link className="name" to={address(row)}>
        {row.cluster}
      </Link>
    ),
  },
  { id: 'namespace', title: t.releases.namespace, render: (row) => row.namespace },
  { id: 'environment', title: t.releases.environment, render: (row) => row.environment ?? '—' },
  {
    id: 'rollout',
    title: t.releases.rollout,
    render: ({ cluster, namespace }) => {
      const found = run?.stages
        .flatMap(({ targets }) => targets)
        .find((target) => target.cluster === cluster && target.namespace === namespace)
      if (found === undefined) return '—'
      const look = targetLooks[found.phase]
      return (
        <span className="status">
          <StatusIcon look={look} />
          <span className={look}>{t.rollouts.targetPhases[found.phase]}</span>
          <span className="sub">{found.stage}</span>
        </span>
      )
    },
  },
  {
    id: 'change',
    title: t.releases.change,
    render: ({ added, changed, removed }) => (
      <span className="v" title={t.releases.changeWords(added, changed, removed)}>
        {t.releases.changeCount(added, changed, removed)}
      </span>
    ),
  },
  {
    id: 'baseline',
    title: t.releases.baseline,
    render: (row) => row.baselineRelease ?? (row.baseline === undefined ? t.releases.nothingThere : '—'),
  },
  {
    id: 'now',
    title: t.releases.runsNow,
    render: ({ running, digest, baseline }) => {
      if (running === undefined) return <span className="muted">{t.releases.nothingThere}</span>
      if (running === digest) return <span className="healthy">{t.releases.isOut}</span>
      if (running === baseline) return <span className="muted">{t.releases.hadIt}</span>
      return <span className="degraded">{t.releases.other}</span>
    },
  },
]
