import type { ClusterRow } from '@flotilla/api'
import { useText } from '../i18n/text.ts'
import { StatusIcon } from '../status/status-icon.tsx'

/** The fleet in one sentence: who is lost, or that nobody is. */
export function FleetSentence({ clusters }: { clusters: readonly ClusterRow[] }) {
  const { t, f } = useText()
  const lost = clusters.filter(({ connection }) => connection.state === 'lost')
  const connected = clusters.filter(({ connection }) => connection.state === 'connected').length
  if (clusters.length === 0) return null
  if (lost.length > 0) {
    const names = lost.slice(0, 3).map(({ name }) => name)
    const more = lost.length > 3 ? [t.sentence.severalClusters(lost.length - 3)] : []
    return (
      <p className="say">
        <StatusIcon look="failed" />
        <span>
          <b>
            {t.fleet.lostLead(f.list([...names, ...more]))}
            {t.sentence.joint}
          </b>
          {t.fleet.lostRest} {t.fleet.summary(connected, clusters.length)}
          {t.sentence.stop}
        </span>
      </p>
    )
  }
  return (
    <p className="say">
      <StatusIcon look={connected === clusters.length ? 'healthy' : 'progressing'} />
      <span>
        <b>
          {connected === clusters.length
            ? t.fleet.allConnected(clusters.length)
            : t.fleet.summary(connected, clusters.length)}
        </b>
      </span>
    </p>
  )
}
