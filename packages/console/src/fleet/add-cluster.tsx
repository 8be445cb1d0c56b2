import { Modal, Segmented } from 'antd'
import { useText } from '../i18n/text.ts'
import { useParam } from '../place/use-param.ts'
import { AddByAgent } from './add-by-agent.tsx'
import { AddByKubeconfig } from './add-by-kubeconfig.tsx'

/** The two ways to add a cluster: the server dials it, or an agent in it dials the server. */
export function AddCluster({ onClose }: { onClose: () => void }) {
  const { t } = useText()
  const [adding, setAdding] = useParam('add')
  const byAgent = adding === 'agent'
  return (
    <Modal open title={t.fleet.addTitle} onCancel={onClose} footer={null} width={620} destroyOnHidden>
      <div className="form">
        <Segmented
          aria-label={t.joining.way}
          value={byAgent ? 'agent' : '1'}
          onChange={setAdding}
          options={[
            { value: '1', label: t.joining.byKubeconfig },
            { value: 'agent', label: t.joining.byAgent },
          ]}
        />
        <div className="muted">{byAgent ? t.joining.agentLead : t.joining.kubeconfigLead}</div>
        {byAgent ? <AddByAgent onClose={onClose} /> : <AddByKubeconfig onClose={onClose} />}
      </div>
    </Modal>
  )
}
