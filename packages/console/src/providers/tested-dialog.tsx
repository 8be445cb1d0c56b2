import type { RouteResult } from '@flotilla/api'
import { Button, Modal } from 'antd'
import { CopyText } from '../components/copy-text.tsx'
import { useText } from '../i18n/text.ts'

interface TestedDialogProps {
  readonly name: string
  readonly tested: RouteResult<'providers.test'>
  readonly onDone: () => void
}

/** What became of asking the provider, and the address that it has to know. */
export function TestedDialog({ name, tested, onDone }: TestedDialogProps) {
  const { t } = useText()
  return (
    <Modal open title={name} footer={null} width={520} onCancel={onDone}>
      <div className="form">
        {tested.answers ? (
          <div>{t.providers.answers}</div>
        ) : (
          <div className="problem" role="alert">
            <strong>{t.providers.answersNot}</strong>
            <span>{tested.why}</span>
          </div>
        )}
        {tested.redirectUri !== undefined && (
          <>
            <div>{t.providers.register}</div>
            <CopyText text={tested.redirectUri} label={t.providers.register} />
          </>
        )}
        <div className="row">
          <span className="push" />
          <Button type="primary" onClick={onDone}>
            {t.providers.done}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
