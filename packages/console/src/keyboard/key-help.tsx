import { Modal } from 'antd'
import { useText } from '../i18n/text.ts'
import './key-help.css'

/** The list of keys. */
export function KeyHelp({ onClose }: { onClose: () => void }) {
  const { t } = useText()
  const rows: [string[], string][] = [
    [['Ctrl K', '⌘ K'], t.keys.palette],
    [['/'], t.keys.filter],
    [['↑', '↓', 'j', 'k'], t.keys.move],
    [['Enter'], t.keys.open],
    [['l'], t.keys.logs],
    [['p'], t.keys.previousLogs],
    [['s'], t.keys.shell],
    [['Shift Esc'], t.keys.leaveShell],
    [['y'], t.keys.yaml],
    [['e'], t.keys.edit],
    [['Esc'], t.keys.closeDock],
    [['?'], t.keys.help],
  ]
  return (
    <Modal open title={t.keys.title} onCancel={onClose} footer={null} width={420}>
      <dl className="key-help">
        {rows.map(([pressed, does]) => (
          <div key={does}>
            <dt>
              {pressed.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  )
}
