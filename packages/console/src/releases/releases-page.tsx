import { lazy, Suspense } from 'react'
import { useSearchParams } from 'react-router'
import type { ReleaseRow } from '@flotilla/api'
import { ActionButton } from '../actions/action-button.tsx'
import { useText } from '../i18n/text.ts'
import { usePageActions } from '../palette/page-actions.ts'
import { useParam } from '../place/use-param.ts'
import { useReleaseCount, useReleaseList } from '../query/use-releases.ts'
import { Page } from '../shell/page.tsx'
import { StatusIcon } from '../status/status-icon.tsx'
import { ReleaseFilters } from './release-filters.tsx'
import { ReleaseList } from './release-list.tsx'
import { readReleaseQuery, waitsForApproval, waitsOnly } from './release-query.ts'
import { useCreateRelease } from './use-create-release.ts'
import '../styles/table.css'
import './releases.css'

const NewRelease = lazy(async () => ({ default: (await import('./new-release.tsx')).NewRelease }))

/** All releases: what is drafted, what goes out, what waits for somebody. */
export function ReleasesPage() {
  const { t } = useText()
  const [search] = useSearchParams()
  const [open, setOpen] = useParam('open')
  const list = useReleaseList(readReleaseQuery(search))
  const count = useReleaseCount()
  const create = useCreateRelease(() => setOpen('new'))
  usePageActions([create])
  const loaded = list.data?.pages.flatMap((page) => page.items) ?? []
  const waits = waitsOnly(search)
  const rows = waits ? loaded.filter(waitsForApproval) : loaded
  const total = waits ? rows.length : list.data?.pages[0]?.total
  return (
    <Page
      crumbs={[{ text: t.releases.title }]}
      title={t.releases.title}
      actions={<ActionButton action={create} />}
      sentence={<ReleasesSentence />}
      fill
    >
      {count.data !== 0 && <ReleaseFilters rows={loaded} total={total} />}
      <ReleaseList list={list} rows={rows} total={total} />
      <Suspense>{open === 'new' && <NewRelease />}</Suspense>
    </Page>
  )
}

/** All releases in one sentence: how many, and what waits for a person. */
function ReleasesSentence() {
  const { t } = useText()
  const { data: total } = useReleaseCount()
  const rolling = useReleaseList({ phase: ['Rolling'] }).data?.pages.flatMap((page) => page.items)
  if (total === undefined || rolling === undefined || total === 0) return <p className="say">&nbsp;</p>
  const awaiting = (what: NonNullable<ReleaseRow['rollout']>['awaits']): number =>
    rolling.filter((row) => row.rollout?.awaits === what).length
  const [approvals, decisions] = [awaiting('approval'), awaiting('decision')]
  const parts = [
    ...(approvals > 0 ? [t.releases.waitingFor(approvals)] : []),
    ...(decisions > 0 ? [t.releases.decisionFor(decisions)] : []),
  ]
  return (
    <p className="say" aria-live="polite">
      <StatusIcon look={decisions > 0 ? 'failed' : approvals > 0 ? 'suspended' : 'healthy'} />
      <span>
        <b>{parts.length === 0 ? t.releases.nothingWaits : parts.join(' · ')}</b> · {t.releases.summary(total)}
      </span>
    </p>
  )
}
