import { useText } from '../i18n/text.ts'
import { StatusIcon } from '../status/status-icon.tsx'

/** Said before it begins: which migrations nobody can take back. Nothing, where there is none. */
export function Irreversible({ names }: { names: readonly string[] }) {
  const { t, f } = useText()
  if (names.length === 0) return null
  return (
    <div className="note">
      <StatusIcon look="degraded" />
      <span>
        {t.releases.irreversibleOf(f.list([...new Set(names)]))}
        <span className="sub"> {t.releases.irreversibleHint}</span>
      </span>
    </div>
  )
}
