import { Drawer } from 'antd'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { ActionButton } from '../actions/action-button.tsx'
import { Unreadable } from '../components/empty-state.tsx'
import { KeepOrDelete } from '../components/keep-or-delete.tsx'
import { SkeletonRows } from '../components/skeleton.tsx'
import { useText } from '../i18n/text.ts'
import { KubectlCommands } from '../kubectl/kubectl-commands.tsx'
import { useClusterFilter } from '../place/use-cluster-filter.ts'
import { api } from '../query/api.ts'
import { keys } from '../query/keys.ts'
import { queryClient } from '../query/query-client.ts'
import { useCluster } from '../query/use-fleet.ts'
import { ClusterFacts } from './cluster-facts.tsx'
import { LabelsEditor } from './labels-editor.tsx'
import { useClusterActions } from './use-cluster-actions.ts'

/** One cluster beside the list; its address is its own, so it can be sent to somebody. */
export function ClusterDrawer({ name }: { name: string }) {
  const { t } = useText()
  const navigate = useNavigate()
  const { carry } = useClusterFilter()
  const cluster = useCluster(name)
  const [open, setOpen] = useState<'labels' | 'remove'>()
  const actions = useClusterActions(cluster.data, setOpen)
  const close = () => void navigate(carry('/fleet'))
  const refresh = () => queryClient.invalidateQueries({ queryKey: keys.clusters })
  return (
    <Drawer
      open
      title={name}
      onClose={close}
      size={520}
      extra={
        <div className="row">
          {actions.map((action) => (
            <ActionButton key={action.id} action={action} />
          ))}
        </div>
      }
    >
      {cluster.isPending && <SkeletonRows />}
      {cluster.isError && (
        <Unreadable
          error={cluster.error}
          right={{ verb: 'get', resource: 'clusters', scope: name }}
          onRetry={() => void cluster.refetch()}
        />
      )}
      {cluster.data !== undefined && (
        <>
          <ClusterFacts cluster={cluster.data} />
          <div className="facts">
            <h3>{t.kubectl.title}</h3>
            <KubectlCommands cluster={name} />
          </div>
        </>
      )}
      {open === 'labels' && cluster.data !== undefined && (
        <LabelsEditor cluster={cluster.data} onClose={() => setOpen(undefined)} />
      )}
      {open === 'remove' && cluster.data !== undefined && (
        <KeepOrDelete
          title={t.fleet.removeTitle(name)}
          lead={t.fleet.removeLead(cluster.data.applications.length)}
          warning={cluster.data.connection.state === 'lost' ? t.fleet.removeLost : undefined}
          keep={{ label: t.fleet.keep, hint: t.fleet.keepHint }}
          delete={{ label: t.fleet.delete, hint: t.fleet.deleteHint }}
          submit={t.fleet.removeSubmit}
          onClose={() => setOpen(undefined)}
          onRemove={async (objects) => {
            await api.clusters.remove({ params: { cluster: name }, query: { objects } })
            await refresh()
            close()
          }}
        />
      )}
    </Drawer>
  )
}
