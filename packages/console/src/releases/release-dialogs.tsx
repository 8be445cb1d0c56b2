import type { ReleaseDetail, RolloutDetail } from '@flotilla/api'
import { lazy, Suspense } from 'react'
import { useText } from '../i18n/text.ts'
import { useSearch } from '../place/use-search.ts'
import { api } from '../query/api.ts'
import { refreshRelease } from '../query/use-releases.ts'
import { nameTargetsOf } from './name-targets.ts'
import { placeFields, placeWords, readPlace } from './step-place.ts'

const StartRelease = lazy(async () => ({ default: (await import('./start-release.tsx')).StartRelease }))
const ApproveRelease = lazy(async () => ({ default: (await import('./approve-release.tsx')).ApproveRelease }))
const RollBack = lazy(async () => ({ default: (await import('./roll-back.tsx')).RollBack }))
const AskReason = lazy(async () => ({ default: (await import('../components/ask-reason.tsx')).AskReason }))
const ResolveStep = lazy(async () => ({ default: (await import('./resolve-step.tsx')).ResolveStep }))
const ResolveHook = lazy(async () => ({ default: (await import('./resolve-hook.tsx')).ResolveHook }))
const StepLog = lazy(async () => ({ default: (await import('./step-log.tsx')).StepLog }))

interface ReleaseDialogsProps {
  readonly detail: ReleaseDetail
  readonly run: RolloutDetail | undefined
}

/** The dialog that the address names, and the log that stands beside. */
export function ReleaseDialogs({ detail, run }: ReleaseDialogsProps) {
  const [search, change] = useSearch()
  const log = readPlace(search.get('log') ?? '')
  const close = () =>
    change((after) => {
      after.delete('open')
      after.delete('of')
    })
  return (
    <Suspense>
      <Dialog detail={detail} run={run} open={search.get('open') ?? ''} of={search.get('of') ?? ''} onClose={close} />
      {run !== undefined && log?.step !== undefined && (
        <StepLog run={run} place={log} onClose={() => change((after) => after.delete('log'))} />
      )}
    </Suspense>
  )
}

interface DialogProps extends ReleaseDialogsProps {
  readonly open: string
  readonly of: string
  readonly onClose: () => void
}

function Dialog({ detail, run, open, of, onClose }: DialogProps) {
  const { t } = useText()
  const { project, name: release } = detail
  const place = readPlace(of)
  const refresh = () => refreshRelease(project, release)
  switch (open) {
    case 'start':
      return <StartRelease detail={detail} onClose={onClose} />
    case 'approve':
      // what is approved is said of its run: that is read first
      if (run === undefined && detail.rollouts.length > 0) return null
      return <ApproveRelease key={of} detail={detail} run={run} place={place} onClose={onClose} />
    case 'reject':
      return (
        <AskReason
          title={t.releases.rejectTitle(release)}
          lead={t.releases.rejectLead}
          submit={t.releases.rejectSubmit}
          done={t.releases.rejectedNow(release)}
          onSubmit={(reason) => api.releases.reject({ params: { project, release }, body: { reason } })}
          onDone={refresh}
          onClose={onClose}
        />
      )
  }
  if (run === undefined) return null
  const params = { project, rollout: run.name }
  const nameOf = nameTargetsOf(run)
  switch (open) {
    case 'rollback':
      return <RollBack detail={detail} run={run} onClose={onClose} />
    case 'abort':
      return (
        <AskReason
          title={t.releases.abortTitle(run.name)}
          lead={`${t.releases.abortLead} ${t.releases.abortNow(run.targets.done, run.targets.total)}`}
          submit={t.releases.abortSubmit}
          done={t.releases.abortedNow(release)}
          onSubmit={(reason) => api.rollouts.abort({ params, body: { reason } })}
          onDone={refresh}
          onClose={onClose}
        />
      )
    case 'skip':
      if (place === undefined) return null
      return (
        <AskReason
          title={t.releases.skipTitle(placeWords(place, nameOf))}
          lead={t.releases.skipLead}
          submit={t.releases.skipSubmit}
          done={t.releases.skippedNow(placeWords(place, nameOf))}
          onSubmit={(reason) => api.rollouts.skip({ params, body: { ...placeFields(place), reason } })}
          onDone={refresh}
          onClose={onClose}
        />
      )
    case 'resolve':
      if (place === undefined) return null
      if (place.step !== undefined)
        return <ResolveStep detail={detail} run={run} place={place} step={place.step} onClose={onClose} />
      return place.target === undefined ? null : (
        <ResolveHook detail={detail} run={run} target={place.target} onClose={onClose} />
      )
    default:
      return null
  }
}
