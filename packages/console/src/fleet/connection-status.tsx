import type { ConnectionView } from '@flotilla/api'
import { Time } from '../components/time.tsx'
import { useText } from '../i18n/text.ts'
import { connectionLook } from '../status/connection.ts'
import { StatusIcon } from '../status/status-icon.tsx'

/** Connected, connecting or lost: shape, word and colour. A lost one says since when. */
export function ConnectionStatus({ connection }: { connection: ConnectionView }) {
  const { t } = useText()
  const look = connectionLook(connection)
  const words = { connected: t.status.connected, connecting: t.status.pending, lost: t.status.lost }
  return (
    <span className="status" title={connection.state === 'lost' ? connection.reason : undefined}>
      <StatusIcon look={look} />
      <span className={look}>{words[connection.state]}</span>
      {connection.state === 'lost' && (
        <span className="sub">
          <Time at={connection.since} as="span" />
        </span>
      )}
    </span>
  )
}
