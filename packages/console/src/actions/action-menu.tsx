import { Button, Dropdown, Tooltip } from 'antd'
import type { Action } from './action.ts'

/** Actions that are seldom needed, behind one button. One that may not run says why. */
export function ActionMenu({ label, actions }: { label: string; actions: readonly Action[] }) {
  const items = actions.map((action) => ({
    key: action.id,
    label: <Tooltip title={action.may.allowed ? undefined : action.may.why}>{action.label}</Tooltip>,
    disabled: !action.may.allowed,
    danger: action.danger === true,
    onClick: () => void action.run(),
  }))
  return (
    <Dropdown menu={{ items }} trigger={['click']} placement="bottomRight">
      <Button aria-label={label} aria-haspopup="menu">
        ⋯
      </Button>
    </Dropdown>
  )
}
