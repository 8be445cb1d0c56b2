import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { createServerTunnel, type ServerTunnel } from './server-tunnel.ts'
import { header, maxFrameBytes, subprotocol, type TunnelClass, tunnelClasses, type TunnelLimits } from './wire.ts'

/** Who asks for a tunnel, as the request says it; nothing of it is proven. */
export interface TunnelRequest {
  readonly token: string
  readonly cluster: string
  readonly class: TunnelClass
  readonly version: string
  /** 0 from an agent that has just started. */
  readonly epoch: number
}

/** Undefined when this is no request of an agent. */
export function parseTunnelRequest({ headers }: IncomingMessage): TunnelRequest | undefined {
  const text = (name: string): string => {
    const value = headers[name]
    return typeof value === 'string' ? value : ''
  }
  const token = /^Bearer ([\x21-\x7e]{1,256})$/i.exec(headers.authorization ?? '')?.[1]
  const cluster = /^[a-z0-9]([-a-z0-9]{0,48}[a-z0-9])?$/.exec(text(header.cluster))?.[0]
  const ofClass = tunnelClasses.find((one) => one === text(header.class))
  const epoch = /^\d{1,15}$/.test(text(header.epoch)) ? Number(text(header.epoch)) : 0
  const version = text(header.version).slice(0, 64)
  if (token === undefined || cluster === undefined || ofClass === undefined) return undefined
  return { token, cluster, class: ofClass, version, epoch }
}

export interface TunnelAcceptor {
  /** Answers the upgrade of an agent that was let in, and gives the tunnel. Undefined when it left, or asked wrongly. */
  accept(
    upgrade: { request: IncomingMessage; socket: Duplex; head: Buffer },
    answer: { readonly epoch: number },
  ): Promise<ServerTunnel | undefined>
}

export function createTunnelAcceptor(limits?: TunnelLimits): TunnelAcceptor {
  const epochs = new WeakMap<IncomingMessage, number>()
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
  })
  server.on('headers', (lines, request) => {
    lines.push(`${header.epoch}: ${epochs.get(request) ?? 0}`)
  })
  return {
    accept: ({ request, socket, head }, { epoch }) => {
      epochs.set(request, epoch)
      return new Promise((resolve) => {
        socket.once('close', () => resolve(undefined))
        server.handleUpgrade(request, socket, head, (opened: WebSocket) => {
          if (opened.protocol === subprotocol) return resolve(createServerTunnel(opened, limits))
          opened.close(1002, `the subprotocol is ${subprotocol}`)
          resolve(undefined)
        })
      })
    },
  }
}
