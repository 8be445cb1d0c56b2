import type { ClusterDetail } from '@flotilla/api'

export const joinSteps = ['token', 'dialled', 'reached', 'version', 'ready'] as const

export interface JoinStep {
  readonly id: (typeof joinSteps)[number]
  /** Done, the one that is waited for now, or one after it. */
  readonly state: 'done' | 'now' | 'later'
  /** What was seen, or why it is not so yet. */
  readonly about?: string | undefined
}

type Seen = Pick<ClusterDetail, 'connection' | 'agent' | 'version' | 'nodes' | 'message'>

/** How far a cluster has come that an agent connects, whose token was made. Each step needs the one before. */
export function computeJoinSteps(cluster: Seen | undefined): JoinStep[] {
  const { connection, agent, version, nodes, message } = cluster ?? {}
  const isConnected = connection?.state === 'connected'
  const isSo: Record<JoinStep['id'], boolean> = {
    token: true,
    dialled: agent?.connected === true,
    reached: isConnected,
    version: isConnected && version !== undefined,
    ready: isConnected && nodes !== undefined,
  }
  const about: Partial<Record<JoinStep['id'], string | undefined>> = {
    reached: connection?.state === 'lost' ? (message ?? connection.reason) : undefined,
    version: isConnected ? version : undefined,
  }
  const first = joinSteps.findIndex((id) => !isSo[id])
  return joinSteps.map((id, index) => {
    const state = first < 0 || index < first ? 'done' : index === first ? 'now' : 'later'
    const said = state === 'later' || (id === 'reached' && state === 'done') ? undefined : about[id]
    return said === undefined ? { id, state } : { id, state, about: said }
  })
}
