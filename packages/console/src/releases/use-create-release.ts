import { type Action, allowed, refused } from '../actions/action.ts'
import { useText } from '../i18n/text.ts'
import { useAccess } from '../query/use-access.ts'
import { useProjects } from '../query/use-fleet.ts'

/** Drafting a release; in one project, or wherever it may be done. */
export function useCreateRelease(run: () => void, project?: string): Action {
  const { t } = useText()
  const { data: projects } = useProjects()
  const [may = allowed] = useAccess([
    { verb: 'create', resource: 'releases', ...(project === undefined ? {} : { project }) },
  ])
  const somewhere = projects?.length === 0 ? refused(t.apps.noProjects) : allowed
  return {
    id: 'releases.create',
    label: t.releases.create,
    // without a project the server says of each whether it may be
    may: project === undefined ? somewhere : may,
    primary: true,
    run,
  }
}
