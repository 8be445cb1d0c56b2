import { useText } from '../i18n/text.ts'
import { StatusIcon } from '../status/status-icon.tsx'

export function PersonState({ disabled }: { disabled: boolean }) {
  const { t } = useText()
  const look = disabled ? 'suspended' : 'healthy'
  return (
    <span className="status">
      <StatusIcon look={look} />
      <span className={look}>{disabled ? t.people.disabled : t.people.active}</span>
    </span>
  )
}
