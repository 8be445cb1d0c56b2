/** What both sides agree on. A change that an older side would not understand needs another name in `subprotocol`. */
export const tunnelPath = '/agent/v1/tunnel'
export const subprotocol = 'flotilla-tunnel.v1'

/** Two tunnels for each cluster, so that a bulk copy never stands before a keystroke. */
export const tunnelClasses = ['interactive', 'bulk'] as const
export type TunnelClass = (typeof tunnelClasses)[number]

/** The one target that a tunnel leads to: the API server of the agent's own cluster, as the agent knows it. */
export const apiServerTarget = 'kubernetes.default.svc:443'

/** Request and answer headers of the upgrade. */
export const header = {
  cluster: 'x-flotilla-cluster',
  class: 'x-flotilla-class',
  version: 'x-flotilla-version',
  /** Which process is newer: given by the server to an agent's first tunnel, and shown again with its others. */
  epoch: 'x-flotilla-epoch',
  /** In an answer of the agent: the system's code of what went wrong. */
  reason: 'x-flotilla-reason',
} as const

export const mebibyte = 1024 * 1024

export interface TunnelLimits {
  /** Connections at the same time. */
  readonly streams: number
  /** How much of one connection may be under way and unread. */
  readonly streamWindow: number
  readonly sessionWindow: number
  /** What streams may have unread together before no more are opened. */
  readonly bufferedBytes: number
  /** Each side asks the other this often, and gives it up after two unanswered times. */
  readonly heartbeatMs: number
  /** For a connection to be opened, or a question to be answered. */
  readonly answerMs: number
}

export const tunnelLimits: TunnelLimits = {
  streams: 600,
  streamWindow: mebibyte,
  sessionWindow: 4 * mebibyte,
  bufferedBytes: 64 * mebibyte,
  heartbeatMs: 10_000,
  answerMs: 10_000,
}

/** Why a tunnel is no more. The first three are said by the server, and an agent acts on them. */
export type EndReason = 'fenced' | 'revoked' | 'stopping' | 'silent' | 'lost'

/** Close codes of the WebSocket (RFC 6455, section 7.4.2: 4000-4999 are private). */
export const closeCodes: Readonly<Record<'fenced' | 'revoked' | 'stopping', number>> = {
  stopping: 4000,
  fenced: 4001,
  revoked: 4003,
}

export function endReasonOf(closeCode: number): EndReason {
  for (const reason of ['fenced', 'revoked', 'stopping'] as const) if (closeCodes[reason] === closeCode) return reason
  return 'lost'
}

/** Frames hold one chunk of HTTP/2 each. */
export const maxFrameBytes = 4 * mebibyte
