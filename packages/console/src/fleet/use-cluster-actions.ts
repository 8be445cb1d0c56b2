import type { ClusterDetail } from '@flotilla/api'
import { type Action, allOf, allowed, refused } from '../actions/action.ts'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { api } from '../query/api.ts'
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
  const connected =
    cluster === undefined || cluster.connection.state === 'connected' ? allowed : refused(t.network.away)
  return [
    {
      id: 'cluster.check-network',
      label: t.network.check,
      may: allOf(here, connected, mayPatch),
      run: async () => {
        if (name === undefined) return
        await api.clusters.change({ params: { cluster: name }, body: { checkNetwork: true } })
        notify(t.network.checking(name))
      },
    },
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
