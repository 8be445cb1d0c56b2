import type { ClusterDetail } from '@flotilla/api'
import { type Action, allOf, allowed, refused } from '../actions/action.ts'
import { useText } from '../i18n/text.ts'
import { useAccess } from '../query/use-access.ts'

/** What can be done with one cluster now. */
export function useClusterActions(
  cluster: ClusterDetail | undefined,
  open: (what: 'labels' | 'remove') => void,
): Action[] {
  const { t } = useText()
  const name = cluster?.name
  const about = { resource: 'clusters', ...(name === undefined ? {} : { name }) }
  const [mayPatch = allowed, mayDelete = allowed] = useAccess([
    { verb: 'patch', ...about },
    { verb: 'delete', ...about },
  ])
  const here = cluster === undefined ? refused(t.shell.loading) : cluster.removing ? refused(t.fleet.removing) : allowed
  return [
    { id: 'cluster.labels', label: t.fleet.changeLabels, may: allOf(here, mayPatch), run: () => open('labels') },
    {
      id: 'cluster.remove',
      label: t.fleet.remove,
      may: allOf(here, mayDelete),
      danger: true,
      run: () => open('remove'),
    },
  ]
}
