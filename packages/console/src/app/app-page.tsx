import { FlotillaError } from '@flotilla/model/errors'
import type { ApplicationDetail } from '@flotilla/api'
import { lazy, Suspense, useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import type { Action } from '../actions/action.ts'
import { ActionButton } from '../actions/action-button.tsx'
import { ActionMenu } from '../actions/action-menu.tsx'
import { EmptyState, Unreadable } from '../components/empty-state.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { useText } from '../i18n/text.ts'
import { useKeys } from '../keyboard/use-keys.ts'
import { usePageActions } from '../palette/page-actions.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { useApplication } from '../query/use-applications.ts'
import { Page } from '../shell/page.tsx'
import { StatusSentence } from '../status/status-sentence.tsx'
import { AppTabs, parseTab } from './app-tabs.tsx'
import { RemoveApp } from './remove-app.tsx'
import { specOf } from './spec-of.ts'
import { useAppActions } from './use-app-actions.ts'
import { TabBody } from './tab-body.tsx'

const GovernedLine = lazy(async () => ({ default: (await import('../releases/governed-line.tsx')).GovernedLine }))
const MoveLine = lazy(async () => ({ default: (await import('../moves/move-line.tsx')).MoveLine }))

/** One application, from the sentence down to its history. */
export function AppPage() {
  const { t } = useText()
  const { project = '', application = '' } = useParams()
  const { carry } = useClusterFilter()
  const detail = useApplication(project, application)
  if (detail.data !== undefined) return <Loaded detail={detail.data} />
  const gone = detail.error instanceof FlotillaError && detail.error.code === 'request.not_found'
  return (
    <Page
      crumbs={[{ text: project, to: carry(`/apps?project=${project}`) }, { text: application }]}
      title={application}
    >
      {detail.isPending && <SkeletonRows />}
      {gone && <EmptyState title={t.app.gone} hint={t.shell.notFoundHint} />}
      {detail.isError && !gone && (
        <Unreadable
          error={detail.error}
          right={{ verb: 'get', resource: 'applications', scope: project }}
          onRetry={() => void detail.refetch()}
        />
      )}
    </Page>
  )
}

const named = (action: Action, name: string): Action => Object.assign({}, action, { label: `${action.label} ${name}` })

function Loaded({ detail }: { detail: ApplicationDetail }) {
  const { t } = useText()
  const { tab: tabWord } = useParams()
  const navigate = useNavigate()
  const { carry } = useClusterFilter()
  const [removing, setRemoving] = useState(false)
  const actions = useAppActions(detail, () => setRemoving(true))
  const { sync, pause, edit, revert, remove } = actions
  const tab = parseTab(tabWord)
  const environments = [...new Set(detail.matrix.targets.flatMap(({ environment }) => environment ?? []))]
  // in the palette an action says what it acts on
  usePageActions([sync, pause, edit, revert, remove].map((action) => named(action, detail.name)))
  useKeys({
    e: edit.may.allowed ? () => void edit.run() : undefined,
    y: () => void navigate(carry(`/apps/${detail.project}/${detail.name}/configuration`)),
  })
  const crumbs = [
    ...(detail.workspace === undefined
      ? []
      : [{ text: detail.workspace, to: carry(`/apps?workspace=${detail.workspace}`) }]),
    { text: detail.project, to: carry(`/apps?project=${detail.project}`) },
    { text: detail.name },
  ]
  return (
    <Page
      crumbs={crumbs}
      title={detail.name}
      beside={environments.slice(0, 4).map((name) => (
        <span key={name} className="chip">
          {name}
        </span>
      ))}
      actions={
        <>
          <ActionButton action={sync} />
          <ActionButton action={pause} />
          <ActionMenu label={t.shell.more} actions={[revert, remove]} />
          <ActionButton action={edit} />
        </>
      }
      sentence={<StatusSentence sentence={detail.sentence} />}
      tabs={<AppTabs detail={detail} active={tab} />}
    >
      <Suspense>
        {tab !== 'moves' && <MoveLine detail={detail} />}
        {specOf(detail)?.mode === 'governed' && <GovernedLine detail={detail} />}
      </Suspense>
      <TabBody detail={detail} tab={tab} />
      {removing && <RemoveApp detail={detail} onClose={() => setRemoving(false)} />}
    </Page>
  )
}
