import type { RunRow } from '@flotilla/api'
import { shortVersion } from '@flotilla/model/short-version'
import { Button } from 'antd'
import { Link, useSearchParams } from 'react-router'
import { type Column, DataTable } from '../components/data-table.tsx'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { FilterInput } from '../components/filter-input.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { Time } from '../components/time.tsx'
import { type Text, useText } from '../i18n/text.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useParam } from '../place/use-param.ts'
import { usePreferences } from '../preferences/use-preferences.ts'
import { useRuns } from '../query/use-runs.ts'
import { shortImage } from '../releases/choice-words.ts'
import { releaseAddress } from '../releases/release-address.ts'
import { readRunQuery } from './runs-query.ts'

export function RunsTable() {
  const text = useText()
  const { t } = text
  const [search, setSearch] = useSearchParams()
  const { names, carry } = useClusterFilter()
  const { zone } = usePreferences()
  const query = readRunQuery(search, names, zone)
  const list = useRuns(query)
  const loaded = list.data?.pages.flatMap((page) => page.items) ?? []
  // the server takes one cluster; of several, the others are left out here
  const rows = names === undefined ? loaded : loaded.filter(({ cluster }) => names.includes(cluster))
  const narrowed = Object.keys(query).length > 0 || names !== undefined
  return (
    <>
      <RunFilters />
      {list.isPending && <SkeletonRows />}
      {list.isError && (
        <Unreadable
          error={list.error}
          right={{ verb: 'list', resource: 'applications', scope: 'flotilla' }}
          onRetry={() => void list.refetch()}
        />
      )}
      {list.isSuccess && rows.length === 0 && !list.hasNextPage && narrowed && (
        <EmptyState title={t.empty.filteredOut}>
          <Button onClick={() => setSearch({})}>{t.empty.clearFilter}</Button>
        </EmptyState>
      )}
      {list.isSuccess && rows.length === 0 && !list.hasNextPage && !narrowed && (
        <EmptyState title={t.runs.nothingYet} hint={t.runs.nothingYetHint} />
      )}
      {(rows.length > 0 || list.hasNextPage) && (
        <div className="panel list-panel">
          <DataTable
            label={t.runs.table}
            rows={rows}
            columns={columns(text, carry)}
            keyOf={(row) =>
              `${row.project}/${row.application}/${row.cluster}/${row.namespace}/${row.component}/${row.from}`
            }
          />
          {list.hasNextPage && (
            <div className="more">
              <Button size="small" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                {t.runs.older}
              </Button>
            </div>
          )}
        </div>
      )}
    </>
  )
}

function RunFilters() {
  const { t } = useText()
  const [application, setApplication] = useParam('application')
  const [cluster, setCluster] = useParam('in')
  const [component, setComponent] = useParam('component')
  const [image, setImage] = useParam('image')
  const [at, setAt] = useParam('at')
  const [now, setNow] = useParam('now')
  return (
    <div className="filters">
      <FilterInput label={t.runs.application} value={application} onChange={setApplication} narrow />
      <FilterInput label={t.runs.cluster} value={cluster} onChange={setCluster} narrow />
      <FilterInput label={t.runs.component} value={component} onChange={setComponent} narrow />
      <FilterInput label={t.runs.image} value={image} onChange={setImage} />
      <label className="runs-at" title={t.runs.atHint}>
        {t.runs.at}
        <input
          className="input"
          type="datetime-local"
          aria-label={t.runs.atHint}
          value={at}
          onChange={(event) => setAt(event.target.value)}
        />
      </label>
      <button
        type="button"
        className={now === '1' ? 'chip on' : 'chip'}
        aria-pressed={now === '1'}
        onClick={() => setNow(now === '1' ? '' : '1')}
      >
        {t.runs.onlyNow}
      </button>
    </div>
  )
}

const columns = ({ t, f }: Text, carry: (path: string) => string): Column<RunRow>[] => [
  {
    id: 'from',
    title: t.runs.from,
    render: (row) => <Time at={row.from} as="clock" />,
  },
  {
    id: 'until',
    title: t.runs.until,
    render: ({ until }) =>
      until === undefined ? <span className="healthy">{t.runs.now}</span> : <Time at={until} as="clock" />,
  },
  {
    id: 'application',
    title: t.runs.application,
    render: (row) => (
      <>
        <Link className="name" to={carry(`/apps/${row.project}/${row.application}`)}>
          {row.application}
        </Link>{' '}
        <span className="sub">{row.project}</span>
      </>
    ),
  },
  {
    id: 'cluster',
    title: t.runs.cluster,
    render: ({ cluster, namespace, environment }) => (
      <>
        {cluster} <span className="sub">{environment ?? namespace}</span>
      </>
    ),
  },
  { id: 'component', title: t.runs.component, render: (row) => row.component },
  {
    id: 'version',
    title: t.runs.version,
    render: ({ version, digest }) => <span className="v">{shortVersion(version ?? digest)}</span>,
  },
  {
    id: 'images',
    title: t.runs.images,
    render: ({ images }) => (
      <span className="v" title={images.join('\n')}>
        {images.map(shortImage).join(', ')}
      </span>
    ),
  },
  {
    id: 'release',
    title: t.runs.release,
    render: ({ project, release, rollout, author }) =>
      release === undefined ? (
        <span className="muted">
          {t.runs.byEdit}
          {author !== undefined && ` · ${author}`}
        </span>
      ) : (
        <Link
          to={carry(releaseAddress({ project, name: release, ...(rollout === undefined ? {} : { run: rollout }) }))}
          title={rollout}
        >
          {release}
        </Link>
      ),
  },
  {
    id: 'approved',
    title: t.runs.approvedBy,
    render: ({ approvedBy }) => (approvedBy.length === 0 ? '—' : f.list(approvedBy)),
  },
]
