import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { KubeClient } from './kube-client.ts'

export interface ProxyTarget {
  /** Absolute path with query on the API server, already authorised by the caller. */
  readonly path: string
  /** Ends the request or the socket at once, for instance when a right was taken away. */
  readonly signal?: AbortSignal | undefined
  /** Extra request headers, such as an audit id. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export interface ProxyOutcome {
  /** What the API server answered; 101 for an upgrade that happened. */
  readonly status: number
  readonly bytesUp: number
  readonly bytesDown: number
  /** `lost`: the cluster's side went away without an end; never to be shown as success. */
  readonly ended: 'finished' | 'client-left' | 'aborted' | 'lost'
}

/**
 * Forwards an upgrade (exec, attach, port-forward, watch over WebSocket; WebSocket and SPDY) as raw bytes, as the
 * view's identity. Nothing raw flows before the API server answered 101. Resolves when both sides are closed.
 */
export function proxyUpgrade(
  client: KubeClient,
  upgrade: { request: IncomingMessage; socket: Duplex; head: Buffer },
  target: ProxyTarget,
): Promise<ProxyOutcome> {
  throw new Error(`not built yet: ${client.name} ${upgrade.request.method} ${target.path}`)
}

/** Forwards a plain request and its answer, streaming both ways, as the view's identity. */
export function proxyRequest(
  client: KubeClient,
  exchange: { request: IncomingMessage; response: ServerResponse },
  target: ProxyTarget,
): Promise<ProxyOutcome> {
  throw new Error(`not built yet: ${client.name} ${exchange.request.method} ${target.path}`)
}
