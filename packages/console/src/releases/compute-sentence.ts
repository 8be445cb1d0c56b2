import type { ReleaseDetail, RolloutDetail } from '@flotilla/api'
import type { Text } from '../i18n/text.ts'
import type { Look } from '../status/health-look.ts'
import { releaseLooks } from './looks.ts'
import { waitingApprovals } from './step-place.ts'

export interface ReleaseSentence {
  readonly look: Look
  readonly headline: string
  readonly detail: string
  readonly since?: string | undefined
}

/** The stage in which a run is; empty before its first. */
export function currentStage({ stages }: Pick<RolloutDetail, 'stages'>): string {
  const moving = stages.findLast(({ phase }) => !['Pending', 'Succeeded', 'RolledBack'].includes(phase))
  return (moving ?? stages.find(({ phase }) => phase === 'Pending' && stages[0]?.phase !== 'Pending'))?.name ?? ''
}

/** What a release is now, why and since when. `run` is its newest rollout, while that matters. */
export function computeSentence(detail: ReleaseDetail, run: RolloutDetail | undefined, text: Text): ReleaseSentence {
  const { t } = text
  const say = t.releases.say
  const look = releaseLooks[detail.phase]
  const waiting = { detail: detail.waitingFor ?? '', since: detail.waitingSince }
  switch (detail.phase) {
    case 'Draft': {
      if (detail.freezing) return { look: 'progressing', headline: say.freezing, ...waiting }
      const fault = detail.findingList.find(({ severity }) => severity === 'Error')
      return fault === undefined
        ? { look, headline: say.draft, detail: say.draftHint }
        : { look: 'failed', headline: say.draftFaulty, detail: fault.message }
    }
    case 'Rolling':
      return run === undefined ? { look, headline: say.rolling(''), ...waiting } : computeRunSentence(run, text)
    case 'Frozen': {
      // it went out and came to nothing
      if (run !== undefined) return computeRunSentence(run, text)
      const { added, changed, removed } = detail.changes
      return { look, headline: say.frozen, detail: say.frozenChanges(added + changed + removed, detail.targets) }
    }
    case 'Active':
      return run?.action === 'Rollback' && run.phase !== 'RolledBack'
        ? computeRunSentence(run, text)
        : {
            look,
            headline: say.active,
            // a part of it was taken back: where, and how many have it
            detail: (run?.action === 'Rollback' ? detail.message : undefined) ?? say.activeHint(detail.targets),
            since: run?.endedAt,
          }
    case 'Superseded':
      return { look, headline: say.superseded, detail: say.supersededHint }
    case 'RolledBack':
      return { look, headline: say.rolledBack, detail: run?.why ?? detail.message ?? '', since: run?.endedAt }
    case 'Rejected':
      return {
        look,
        headline: detail.rejected === undefined ? t.releases.phases.Rejected : say.rejected(detail.rejected.by.name),
        detail: detail.rejected?.reason ?? '',
      }
    default:
      return detail.phase satisfies never
  }
}

function computeRunSentence(run: RolloutDetail, { t }: Text): ReleaseSentence {
  const say = t.releases.say
  const stage = currentStage(run)
  const { done, total } = run.targets
  const parts = (...said: readonly (string | undefined)[]): string =>
    said.filter((part) => part !== undefined && part !== '').join(' · ')
  const progress = say.progress(done, total)
  switch (run.phase) {
    case 'Pending':
      return {
        look: 'unknown',
        headline: say.pending,
        detail: run.waitingFor ?? run.message ?? '',
        since: run.waitingSince,
      }
    case 'Running': {
      const [approval] = waitingApprovals(run)
      const since = run.waitingSince ?? run.since
      if (approval !== undefined) {
        const { view, place } = approval
        const given = view.approval && t.rollouts.given(view.approval.given.length, view.approval.count)
        const detail = parts(given === undefined ? run.waitingFor : `${view.name} ${given}`, progress)
        return { look: 'suspended', headline: say.approval(place.stage), detail, since: view.since ?? since }
      }
      const headline = run.action === 'Rollback' ? say.rollingBack(stage) : say.rolling(stage)
      return { look: 'progressing', headline, detail: parts(run.waitingFor, progress), since }
    }
    case 'Paused': {
      const headline = run.paused === undefined ? say.paused(stage) : say.pausedBy(run.paused.by.name)
      const detail = parts(run.paused?.reason ?? run.message ?? run.waitingFor, progress)
      return { look: run.paused === undefined ? 'failed' : 'suspended', headline, detail, since: run.since }
    }
    case 'Failed':
      return { look: 'failed', headline: say.failed, detail: run.message ?? '', since: run.endedAt }
    case 'Aborted':
      return {
        look: 'failed',
        headline: say.aborted,
        detail: run.aborted === undefined ? (run.message ?? '') : `${run.aborted.by.name}: ${run.aborted.reason}`,
        since: run.endedAt,
      }
    case 'RollbackFailed':
      return { look: 'failed', headline: say.rollbackFailed, detail: run.message ?? '', since: run.endedAt }
    case 'RolledBack':
      return { look: 'degraded', headline: say.rolledBack, detail: run.why ?? run.message ?? '', since: run.endedAt }
    case 'Succeeded':
      return { look: 'healthy', headline: say.active, detail: progress, since: run.endedAt }
    default:
      return run.phase satisfies never
  }
}
