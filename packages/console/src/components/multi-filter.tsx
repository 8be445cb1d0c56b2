import { Checkbox, Popover } from 'antd'
import { type ReactNode, useState } from 'react'
import { useText } from '../i18n/text.ts'

interface MultiFilterProps {
  readonly label: string
  readonly chosen: readonly string[]
  readonly choices: readonly { readonly value: string; readonly label: ReactNode; readonly text: string }[]
  readonly onChange: (chosen: readonly string[]) => void
}

/** A filter of several values: a chip that says what is chosen. */
export function MultiFilter({ label, chosen, choices, onChange }: MultiFilterProps) {
  const { t } = useText()
  const [open, setOpen] = useState(false)
  const words = chosen.map((value) => choices.find((choice) => choice.value === value)?.text ?? value)
  const text = words.length === 0 ? label : `${label}: ${words.join(', ')}`
  const toggle = (value: string, on: boolean) =>
    onChange(on ? [...chosen, value] : chosen.filter((one) => one !== value))
  const content = (
    <div className="cluster-choices" role="dialog" aria-label={label}>
      <div className="cluster-list">
        {choices.map(({ value, label: shown }) => (
          <Checkbox
            key={value}
            checked={chosen.includes(value)}
            onChange={(event) => toggle(value, event.target.checked)}
          >
            {shown}
          </Checkbox>
        ))}
      </div>
      <button type="button" className="plain accent" disabled={chosen.length === 0} onClick={() => onChange([])}>
        {t.shell.clear}
      </button>
    </div>
  )
  return (
    <Popover
      trigger="click"
      open={open}
      onOpenChange={setOpen}
      placement="bottomLeft"
      arrow={false}
      content={content}
      destroyOnHidden
    >
      <button
        type="button"
        className={chosen.length === 0 ? 'chip' : 'chip on'}
        aria-expanded={open}
        aria-haspopup="dialog"
      >
        <span className="clip">{text}</span> <span aria-hidden>▾</span>
      </button>
    </Popover>
  )
}
