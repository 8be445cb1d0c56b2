import { useNavigate } from 'react-router'
import { type Action, allOf, allowed, refused } from '../actions/action.ts'
import { useText } from '../i18n/text.ts'
import { useProjects } from '../query/use-fleet.ts'

/** What can be done with the applications as a whole. */
export function useAppsActions(): { create: Action } {
  const { t } = useText()
  const navigate = useNavigate()
  const { data: projects } = useProjects()
  const somewhere = projects?.length === 0 ? refused(t.apps.noProjects) : allowed
  return {
    create: {
      id: 'apps.create',
      label: t.apps.create,
      may: allOf(somewhere),
      primary: true,
      run: () => void navigate('/apps/new'),
    },
  }
}
