import type { ClusterRow } from '@flotilla/api'
import type { Look } from './health-look.ts'

/** A cluster's connection as it is shown: lost is lost, never empty. */
export function connectionLook(connection: ClusterRow['connection']): Look {
  switch (connection.state) {
    case 'connected':
      return 'healthy'
    case 'connecting':
      return 'progressing'
    case 'lost':
      return 'failed'
    default:
      return connection satisfies never
  }
}
