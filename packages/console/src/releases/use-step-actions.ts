import type { ReleaseDetail, RolloutDetail, RolloutTargetView, StepView } from '@flotilla/api'
import { type Action, allOf, allowed, refused } from '../actions/action.ts'
import { useText } from '../i18n/text.ts'
import { useSearch } from '../place/use-search.ts'
import { api } from '../query/api.ts'
import { useAccess } from '../query/use-access.ts'
import { endedRun } from './ended-run.ts'
import { nameTargetsOf } from './name-targets.ts'
import { offerStepActions, offerTargetActions } from './offer-step-actions.ts'
import { placeFields, placeWords, type StepPlace, writePlace } from './step-place.ts'
import { useAsk } from './use-ask.ts'

export interface StepActions {
  /** How a target of the run is called. */
  readonly nameOf: (target: NonNullable<StepPlace['target']>) => string
  readonly ofStep: (place: StepPlace, view: StepView) => readonly Action[]
  readonly ofTarget: (place: StepPlace, view: RolloutTargetView) => readonly Action[]
}

/** What can be done about one step or one target of a run: nothing, unless it needs somebody. */
export function useStepActions(detail: ReleaseDetail, run: RolloutDetail): StepActions {
  const { t } = useText()
  const [, change] = useSearch()
  const ask = useAsk(detail)
  const { project, name: rollout } = run
  const nameOf = nameTargetsOf(run)
  const [mayPatch = allowed, mayApprove = allowed, mayDeliver = allowed] = useAccess([
    { verb: 'patch', resource: 'rollouts', project, name: rollout },
    { verb: 'create', resource: 'approvals', project },
    { verb: 'patch', resource: 'applications', project, name: run.application },
  ])
  const may = allOf(mayPatch, endedRun(run.phase) ? refused(t.releases.why.ended) : allowed)
  const open = (what: string, place: StepPlace) => () =>
    change((after) => {
      after.set('open', what)
      after.set('of', writePlace(place))
    })
  const retry = (place: StepPlace): Action => {
    const { stage, target } = place
    const what = target === undefined ? stage : nameOf(target)
    return {
      id: `retry ${writePlace(place)}`,
      label: t.rollouts.retry,
      about: t.rollouts.retryOf(what),
      may,
      run: ask(
        () =>
          api.rollouts.retry({
            params: { project, rollout },
            body: placeFields({ stage, ...(target === undefined ? {} : { target }) }),
          }),
        t.releases.retriedNow(what),
      ),
    }
  }
  const skip = (place: StepPlace): Action => ({
    id: `skip ${writePlace(place)}`,
    label: t.rollouts.skip,
    about: t.rollouts.skipOf(placeWords(place, nameOf)),
    may,
    run: open('skip', place),
  })
  const approve = (place: StepPlace): Action => ({
    id: `approve ${writePlace(place)}`,
    label: t.releases.approve,
    about: t.rollouts.approveOf(placeWords(place, nameOf)),
    may: mayApprove,
    primary: true,
    run: open('approve', place),
  })
  const resolve = (place: StepPlace): Action => ({
    id: `resolve ${writePlace(place)}`,
    label: t.rollouts.resolve,
    about: t.rollouts.resolveOf(placeWords(place, nameOf)),
    // a hook of a chart belongs to the application
    may: place.step === undefined ? allOf(mayDeliver, may) : may,
    run: open('resolve', place),
  })
  const all = { approve, resolve, retry, skip }
  const ended = endedRun(run.phase)
  return {
    nameOf,
    ofStep: (place, view) => (ended ? [] : offerStepActions(place, view).map((name) => all[name](place))),
    ofTarget: (place, view) => (ended ? [] : offerTargetActions(view).map((name) => all[name](place))),
  }
}
