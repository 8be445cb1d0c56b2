import { Button, Modal } from 'antd'
import { CopyText } from '../components/copy-text.tsx'
import { useText } from '../i18n/text.ts'

/** A password that was made, to be handed over; it is nowhere else. */
export function GivenPassword({ name, password, onDone }: { name: string; password: string; onDone: () => void }) {
  const { t } = useText()
  return (
    <Modal
      open
      title={t.people.passwordTitle(name)}
      footer={null}
      width={460}
      onCancel={onDone}
      mask={{ closable: false }}
    >
      <div className="form">
        <div>{t.people.passwordShown(name)}</div>
        <CopyText text={password} label={t.people.password} />
        <div className="row">
          <span className="push" />
          <Button type="primary" onClick={onDone}>
            {t.people.done}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
