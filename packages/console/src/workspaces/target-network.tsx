import type { ProjectDetail } from '@flotilla/api'
import { useText } from '../i18n/text.ts'
import type { Look } from '../status/health-look.ts'
import { StatusIcon } from '../status/status-icon.tsx'

type Target = ProjectDetail['targets'][number]
type State = NonNullable<Target['network']>['state']

const looks: Record<State, Look> = { Isolated: 'healthy', NotEnforced: 'degraded', Unknown: 'unknown' }

/** Whether the pods of a target are isolated, or why not. */
export function TargetNetwork({ network, state: is }: Pick<Target, 'network' | 'state'>) {
  const { t } = useText()
  if (network === undefined) return <span className="faint">{is === 'Ready' ? t.network.states.Open : '—'}</span>
  const { state, message } = network
  return (
    <span className="status" title={message}>
      <StatusIcon look={looks[state]} />
      <span className={looks[state]}>{t.network.states[state]}</span>
    </span>
  )
}

/** Clusters in which isolation was asked for and nothing blocks. */
export const notEnforcedIn = (targets: readonly Target[]): string[] => [
  ...new Set(targets.filter(({ network }) => network?.state === 'NotEnforced').map(({ cluster }) => cluster)),
]
