import { Modal } from 'antd'
import { useText } from '../i18n/text.ts'
import { KubectlCommands } from './kubectl-commands.tsx'

export function KubectlDialog({ onClose }: { onClose: () => void }) {
  const { t } = useText()
  return (
    <Modal open title={t.kubectl.title} onCancel={onClose} footer={null} width={560}>
      <KubectlCommands />
    </Modal>
  )
}
