import type { ApplicationDetail } from '@flotilla/api'
import { useNavigate } from 'react-router'
import { type Action, allOf, allowed, type May, refused } from '../actions/action.ts'
import { problemLine } from '../components/problem.tsx'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { api } from '../query/api.ts'
import { useAccess } from '../query/use-access.ts'

export interface AppActions {
  readonly sync: Action
  readonly pause: Action
  readonly edit: Action
  readonly revert: Action
  readonly remove: Action
}

/** What can be done with an application now; the head, the palette and the keys run the same ones. */
export function useAppActions(detail: ApplicationDetail, openRemove: () => void): AppActions {
  const { t } = useText()
  const navigate = useNavigate()
  const { carry } = useClusterFilter()
  const { project, name, paused } = detail
  const params = { project, application: name }
  const about = { resource: 'applications', project, name }
  const [mayPatch = allowed, mayDelete = allowed] = useAccess([
    { verb: 'patch', ...about },
    { verb: 'delete', ...about },
  ])
  const leaving = detail.application.metadata.deletionTimestamp !== undefined
  const here: May = leaving ? refused(t.sentence.headline.removing('')) : allowed

  const act = (ask: () => Promise<unknown>, done: string) => async () => {
    try {
      await ask()
      notify(done)
    } catch (error) {
      notify(problemLine(error, t), { bad: true })
    }
  }
  return {
    sync: {
      id: 'app.sync',
      label: t.app.sync,
      may: allOf(here, mayPatch, paused ? refused(t.app.pausedWhy) : allowed),
      run: act(() => api.applications.sync({ params, body: {} }), t.app.syncAsked(name)),
    },
    pause: paused
      ? {
          id: 'app.resume',
          label: t.app.resume,
          may: allOf(here, mayPatch),
          primary: true,
          run: act(() => api.applications.resume({ params, body: {} }), t.app.resumedNow(name)),
        }
      : {
          id: 'app.pause',
          label: t.app.pause,
          may: allOf(here, mayPatch),
          run: act(() => api.applications.pause({ params, body: {} }), t.app.pausedNow(name)),
        },
    edit: {
      id: 'app.edit',
      label: t.app.edit,
      may: allOf(here, mayPatch),
      primary: !paused,
      shortcut: 'e',
      run: () => void navigate(carry(`/apps/${project}/${name}/edit`)),
    },
    revert: {
      id: 'app.revert',
      label: t.app.revert,
      may: allOf(here, mayPatch),
      run: () => void navigate(carry(`/apps/${project}/${name}/history`)),
    },
    remove: { id: 'app.remove', label: t.app.remove, may: allOf(here, mayDelete), danger: true, run: openRemove },
  }
}
