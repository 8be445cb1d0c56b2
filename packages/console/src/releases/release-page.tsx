import { FlotillaError } from '@flotilla/model/errors'
import type { ReleaseDetail, RolloutDetail } from '@flotilla/api'
import { useParams } from 'react-router'
import { ActionButton } from '../actions/action-button.tsx'
import { ActionMenu } from '../actions/action-menu.tsx'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { PlaceTabs } from '../components/place-tabs.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { Time } from '../components/time.tsx'
import { visibleText } from '../components/visible-text.ts'
import { useText } from '../i18n/text.ts'
import { useOwnTopic } from '../live/page-topic.ts'
import { usePageActions } from '../palette/page-actions.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useParam } from '../place/use-param.ts'
import { useRelease } from '../query/use-releases.ts'
import { useRollout } from '../query/use-rollouts.ts'
import { Page } from '../shell/page.tsx'
import { StatusIcon } from '../status/status-icon.tsx'
import { computeSentence } from './compute-sentence.ts'
import { HoldOf } from './hold.tsx'
import { mainRun } from './main-run.ts'
import { ReleaseBody } from './release-body.tsx'
import { ReleaseDialogs } from './release-dialogs.tsx'
import { parseTab, releaseAddress, tabNames } from './release-address.ts'
import { Ticket } from './ticket.tsx'
import { useReleaseActions } from './use-release-actions.ts'
import '../styles/table.css'
import '../app/matrix.css'
import './releases.css'

/** One release: its stages with what they found, beside exactly what it changes. */
export function ReleasePage() {
  const { t } = useText()
  const { project = '', release = '' } = useParams()
  const { carry } = useClusterFilter()
  const detail = useRelease(project, release)
  if (detail.data !== undefined) return <Chosen key={`${project}/${release}`} detail={detail.data} />
  const gone = detail.error instanceof FlotillaError && detail.error.code === 'request.not_found'
  return (
    <Page crumbs={[{ text: t.releases.title, to: carry('/releases') }, { text: release }]} title={release}>
      {detail.isPending && <SkeletonRows />}
      {gone && <EmptyState title={t.releases.gone} hint={t.shell.notFoundHint} />}
      {detail.isError && !gone && (
        <Unreadable
          error={detail.error}
          right={{ verb: 'get', resource: 'releases', scope: project }}
          onRetry={() => void detail.refetch()}
        />
      )}
    </Page>
  )
}

/** With the run that the address names, or the one that it is at. */
function Chosen({ detail }: { detail: ReleaseDetail }) {
  const [asked] = useParam('run')
  const newest = detail.rollout?.name ?? detail.rollouts[0]?.name
  const shown = asked === '' ? mainRun(detail) : asked
  const run = useRollout(detail.project, shown)
  const latest = useRollout(detail.project, newest)
  useOwnTopic(shown === undefined ? undefined : `rollout:${detail.project}/${shown}`)
  return <Loaded detail={detail} run={shown === undefined ? undefined : run.data} latest={latest.data} />
}

interface LoadedProps {
  readonly detail: ReleaseDetail
  /** The run that is shown. */
  readonly run: RolloutDetail | undefined
  readonly latest: RolloutDetail | undefined
}

function Loaded({ detail, run, latest }: LoadedProps) {
  const { t } = useText()
  const { tab: word } = useParams()
  const { carry } = useClusterFilter()
  const [asked] = useParam('run')
  const { shown, others } = useReleaseActions(detail, run)
  usePageActions(
    [...shown, ...others].map((action) => Object.assign({}, action, { label: `${action.label} ${detail.name}` })),
  )
  const tab = parseTab(word)
  const title = detail.title === undefined ? detail.name : `${detail.name} · ${visibleText(detail.title)}`
  return (
    <Page
      crumbs={[
        ...(detail.workspace === undefined
          ? []
          : [{ text: detail.workspace, to: carry(`/apps?workspace=${detail.workspace}`) }]),
        { text: detail.project, to: carry(`/apps?project=${detail.project}`) },
        { text: detail.application, to: carry(`/apps/${detail.project}/${detail.application}`) },
        {
          text: t.releases.title,
          to: carry(`/releases?project=${detail.project}&application=${detail.application}`),
        },
        { text: detail.name },
      ]}
      title={title}
      beside={detail.tickets.slice(0, 4).map((ticket) => (
        <Ticket key={ticket} ticket={ticket} />
      ))}
      actions={
        <>
          {shown.map((action) => (
            <ActionButton key={action.id} action={action} />
          ))}
          <ActionMenu label={t.shell.more} actions={others} />
        </>
      }
      sentence={<Sentence detail={detail} run={latest} />}
      tabs={
        <PlaceTabs
          label={t.releases.tabList}
          active={tab}
          tabs={tabNames.map((id) => ({
            id,
            text: t.releases.tabs[id],
            to: carry(releaseAddress({ ...detail, tab: id, ...(asked === '' ? {} : { run: asked }) })),
          }))}
        />
      }
    >
      <HoldOf project={detail.project} application={detail.application} />
      <ReleaseBody detail={detail} run={run} tab={tab} />
      <ReleaseDialogs detail={detail} run={run} />
    </Page>
  )
}

function Sentence({ detail, run }: { detail: ReleaseDetail; run: RolloutDetail | undefined }) {
  const text = useText()
  const { look, headline, detail: why, since } = computeSentence(detail, run, text)
  return (
    <p className="say" aria-live="polite">
      <StatusIcon look={look} />
      <span>
        <b>
          {headline}
          {why === '' ? '' : text.t.sentence.joint}
        </b>
        {visibleText(why)}
        {since !== undefined && (
          <span className="faint">
            {' · '}
            {text.t.releases.since} <Time at={since} as="clock" /> (<Time at={since} as="span" />)
          </span>
        )}
      </span>
    </p>
  )
}
