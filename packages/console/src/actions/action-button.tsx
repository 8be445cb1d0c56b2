import { useState } from 'react'
import { Button, Tooltip } from 'antd'
import type { Action } from './action.ts'

/** A button for an action. One that may not run stays reachable by keyboard and says why. */
export function ActionButton({ action, small = false }: { action: Action; small?: boolean }) {
  const [running, setRunning] = useState(false)
  const held = !action.may.allowed
  const start = async () => {
    if (held || running) return
    setRunning(true)
    try {
      await action.run()
    } finally {
      setRunning(false)
    }
  }
  return (
    <Tooltip title={action.may.allowed ? undefined : action.may.why}>
      <Button
        type={action.primary === true ? 'primary' : 'default'}
        danger={action.danger === true}
        size={small ? 'small' : 'medium'}
        loading={running}
        aria-disabled={held}
        className={held ? 'held' : ''}
        {...(action.submit === true ? { htmlType: 'submit' } : {})}
        {...(action.about === undefined ? {} : { 'aria-label': action.about })}
        {...(action.may.allowed ? {} : { 'aria-description': action.may.why })}
        {...(action.shortcut === undefined ? {} : { 'aria-keyshortcuts': action.shortcut })}
        onClick={() => void start()}
      >
        {action.label}
      </Button>
    </Tooltip>
  )
}
