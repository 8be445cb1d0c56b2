import type { WhereRow } from '@flotilla/api'
import { shortVersion } from '@flotilla/model/short-version'
import { Link } from 'react-router'
import { type Column, DataTable } from '../components/data-table.tsx'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { FilterInput } from '../components/filter-input.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { Time } from '../components/time.tsx'
import { type Text, useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useParam } from '../place/use-param.ts'
import { useWhereRuns } from '../query/use-runs.ts'
import { shortImage } from '../releases/choice-words.ts'
import { releaseAddress } from '../releases/release-address.ts'
import { Health } from '../status/health.tsx'

/** Which clusters run an image now; one that cannot be seen ran it when it was seen last, and says so. */
export function WhereTable() {
  const text = useText()
  const { t } = text
  const [image, setImage] = useParam('image')
  const { names, carry } = useClusterFilter()
  const asked = image.trim()
  const found = useWhereRuns(asked)
  const rows = found.data?.items.filter(({ cluster }) => names === undefined || names.includes(cluster)) ?? []
  return (
    <>
      <div className="filters">
        <FilterInput label={t.runs.image} value={image} onChange={setImage} />
        <span className="count" aria-live="polite">
          {asked !== '' && found.data !== undefined && t.runs.places(rows.length, found.data.total)}
        </span>
      </div>
      {asked === '' && <EmptyState title={t.runs.askImage} hint={t.runs.askImageHint} />}
      {asked !== '' && found.isPending && <SkeletonRows />}
      {found.isError && (
        <Unreadable
          error={found.error}
          right={{ verb: 'list', resource: 'applications', scope: 'flotilla' }}
          onRetry={() => void found.refetch()}
        />
      )}
      {asked !== '' && found.isSuccess && rows.length === 0 && (
        <EmptyState title={t.runs.runsNowhere} hint={t.runs.runsNowhereHint(asked)} />
      )}
      {asked !== '' && rows.length > 0 && (
        <div className="panel list-panel">
          <DataTable
            label={t.runs.whereTable}
            rows={rows}
            columns={columns(text, carry)}
            keyOf={(row) =>
              `${row.project}/${row.application}/${row.cluster}/${row.namespace}/${row.component}/${row.image}`
            }
            rowClass={({ unknownSince }) => (unknownSince === undefined ? '' : 'hatched')}
          />
        </div>
      )}
    </>
  )
}

const columns = ({ t, f }: Text, carry: (path: string) => string): Column<WhereRow>[] => [
  {
    id: 'cluster',
    title: t.runs.cluster,
    render: ({ cluster, namespace, environment }) => (
      <>
        <Link className="name" to={carry(`/fleet/${cluster}`)}>
          {cluster}
        </Link>{' '}
        <span className="sub">{environment ?? namespace}</span>
      </>
    ),
  },
  {
    id: 'application',
    title: t.runs.application,
    render: ({ project, application }) => (
      <>
        <Link to={carry(`/apps/${project}/${application}`)}>{application}</Link> <span className="sub">{project}</span>
      </>
    ),
  },
  { id: 'component', title: t.runs.component, render: (row) => row.component },
  {
    id: 'image',
    title: t.runs.image,
    render: ({ image }) => (
      <span className="v" title={image}>
        {shortImage(image)}
      </span>
    ),
  },
  {
    id: 'version',
    title: t.runs.version,
    render: ({ version }) => <span className="v">{version === undefined ? '—' : shortVersion(version)}</span>,
  },
  {
    id: 'release',
    title: t.runs.release,
    render: ({ project, release }) =>
      release === undefined ? (
        <span className="muted">{t.runs.byEdit}</span>
      ) : (
        <Link to={carry(releaseAddress({ project, name: release }))}>{release}</Link>
      ),
  },
  {
    id: 'health',
    title: t.runs.health,
    render: ({ health, unknownSince }) => (
      <span className="status">
        <Health state={health} />
        {unknownSince !== undefined && (
          <span className="sub">{t.status.unknownFor(f.duration(Date.now() - Date.parse(unknownSince)))}</span>
        )}
      </span>
    ),
  },
  {
    id: 'since',
    title: t.runs.since,
    render: ({ since }) => (since === undefined ? '—' : <Time at={since} as="clock" />),
  },
]
