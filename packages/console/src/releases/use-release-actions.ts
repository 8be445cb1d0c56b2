import type { ReleaseDetail, RolloutDetail } from '@flotilla/api'
import { type Action, allOf, allowed, type May, refused } from '../actions/action.ts'
import { useText } from '../i18n/text.ts'
import { useSearch } from '../place/use-search.ts'
import { api } from '../query/api.ts'
import { useAccess } from '../query/use-access.ts'
import { useSession } from '../query/use-session.ts'
import { endedRun, isUnderWay } from './ended-run.ts'
import { hasBegun, offerActions } from './offer-actions.ts'
import { nameTargetsOf } from './name-targets.ts'
import { findObstacle } from './step-in-the-way.ts'
import { placeWords, waitingApprovals, writePlace } from './step-place.ts'
import { useAsk } from './use-ask.ts'

export interface ReleaseActions {
  /** In the head: what the release is at. The main one is last. */
  readonly shown: readonly Action[]
  /** Behind the button: the rest, each with why it may not be now. */
  readonly others: readonly Action[]
}

/** What can be done with a release now, and with the run that is shown; the head and the palette run the same. */
export function useReleaseActions(detail: ReleaseDetail, run: RolloutDetail | undefined): ReleaseActions {
  const { t } = useText()
  const [, change] = useSearch()
  const ask = useAsk(detail)
  const { data: session } = useSession()
  const { project, name: release, phase } = detail
  const why = t.releases.why
  const [mayPatch = allowed, mayStart = allowed, mayControl = allowed, mayApprove = allowed] = useAccess([
    { verb: 'patch', resource: 'releases', project, name: release },
    { verb: 'create', resource: 'rollouts', project },
    { verb: 'patch', resource: 'rollouts', project },
    { verb: 'create', resource: 'approvals', project },
  ])
  const unless = (held: boolean, reason: string): May => (held ? refused(reason) : allowed)
  const runs = run !== undefined && !endedRun(run.phase)
  const underWay = runs || isUnderWay(detail)
  const notRunning = run === undefined ? refused(why.noRun) : unless(!runs, why.ended)
  const approvals = waitingApprovals(run)
  const [waiting] = approvals
  const open = (what: string, of?: string) => () =>
    change((after) => {
      after.set('open', what)
      if (of === undefined) after.delete('of')
      else after.set('of', of)
    })
  const about = run === undefined ? undefined : { params: { project, rollout: run.name } }
  const obstacle = run === undefined ? undefined : findObstacle(run)
  const rejected = unless(phase === 'Rejected', why.rejected)
  const notFrozen = unless(phase === 'Draft', detail.freezing ? why.freezing : why.notFrozen)
  const mine = approvals.every(({ view }) => view.approval?.given.some(({ name }) => name === session?.person.name))

  const freeze: Action = {
    id: 'release.freeze',
    label: t.releases.freeze,
    may: allOf(mayPatch, rejected, unless(phase !== 'Draft', why.frozenAlready), unless(detail.freezing, why.freezing)),
    run: ask(() => api.releases.freeze({ params: { project, release }, body: {} }), t.releases.frozenAsked(release)),
  }
  const reject: Action = {
    id: 'release.reject',
    label: t.releases.reject,
    may: allOf(
      mayPatch,
      rejected,
      unless(underWay, why.runs),
      unless(phase !== 'Draft' && phase !== 'Frozen', why.out),
    ),
    danger: true,
    run: open('reject'),
  }
  const start: Action = {
    id: 'release.start',
    label: t.releases.start,
    may: allOf(mayStart, rejected, notFrozen, unless(underWay, why.runs)),
    run: open('start'),
  }
  const approve: Action = {
    id: 'release.approve',
    label: t.releases.approve,
    may: allOf(
      mayApprove,
      rejected,
      notFrozen,
      unless(phase !== 'Frozen' && !runs, why.ended),
      unless(runs && waiting === undefined, why.noneWaits),
      unless(approvals.length > 0 && mine, why.approved),
    ),
    run: open('approve', waiting === undefined ? undefined : writePlace(waiting.place)),
  }
  const pause: Action = {
    id: 'rollout.pause',
    label: t.releases.pause,
    may: allOf(mayControl, notRunning, unless(run?.phase === 'Paused', why.paused)),
    run:
      about === undefined
        ? () => undefined
        : ask(() => api.rollouts.pause({ ...about, body: {} }), t.releases.pausedNow(release)),
  }
  const resume: Action = {
    id: 'rollout.resume',
    label: t.releases.resume,
    may: allOf(
      mayControl,
      notRunning,
      unless(run?.phase !== 'Paused', why.notPaused),
      run === undefined || obstacle === undefined
        ? allowed
        : refused(why.inTheWay[obstacle.reason](placeWords(obstacle.step.place, nameTargetsOf(run)))),
    ),
    run:
      about === undefined
        ? () => undefined
        : ask(() => api.rollouts.resume({ ...about, body: {} }), t.releases.resumedNow(release)),
  }
  const abort: Action = {
    id: 'rollout.abort',
    label: t.releases.abort,
    may: allOf(mayControl, notRunning),
    danger: true,
    run: open('abort'),
  }
  const rollBack: Action = {
    id: 'rollout.rollback',
    label: t.releases.rollBack,
    may: allOf(
      mayStart,
      run === undefined ? refused(why.noRun) : allowed,
      unless(run?.action === 'Rollback', why.isRollback),
      unless(run !== undefined && !hasBegun(run, detail), why.nothingBegun),
      // one that is over may be going out once more
      unless(phase === 'RolledBack' && !runs, why.rolledBack),
      unless(phase === 'Superseded' && !runs, why.taken),
    ),
    run: open('rollback'),
  }
  const all = { freeze, start, approve, pause, resume, abort, rollBack, reject }
  const chosen = offerActions(detail, run).map((name) => all[name])
  return {
    shown: chosen.map((action, index) =>
      index === chosen.length - 1 ? { ...action, primary: true, danger: false } : action,
    ),
    others: Object.values(all).filter((action) => !chosen.includes(action)),
  }
}
