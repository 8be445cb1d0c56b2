import { createServer as createHttp, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, connect, createServer as createTcp, type Socket } from 'node:net'
import { once } from 'node:events'
import { type AgentTunnel, type Answer } from '../agent-tunnel.ts'
import { createTunnelAcceptor, parseTunnelRequest } from '../accept-tunnel.ts'
import { dialTunnel, type DialOptions } from '../dial-tunnel.ts'
import type { ServerTunnel } from '../server-tunnel.ts'
import { apiServerTarget, tunnelLimits, type TunnelLimits } from '../wire.ts'

export const portOf = (server: { address(): AddressInfo | string | null }): number =>
  (server.address() as AddressInfo).port

/** Listens on a free port of this machine; ends with all its connections. */
export async function listen(
  onConnection: (socket: Socket) => void,
): Promise<{ port: number; sockets: Set<Socket>; close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createTcp({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: portOf(server),
    sockets,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Passes bytes on until it is told to fall silent: then both sides hold an open connection on which nothing comes. */
export async function openRelay(target: number) {
  let silent = false
  const pairs: [Socket, Socket][] = []
  const relay = await listen((near) => {
    const far = connect(target, '127.0.0.1')
    pairs.push([near, far])
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('error', () => to.destroy())
      from.on('data', (chunk: Buffer) => {
        if (silent) return
        if (!to.write(chunk)) {
          from.pause()
          to.once('drain', () => from.resume())
        }
      })
      from.once('close', () => (silent ? undefined : to.destroy()))
    }
  })
  return {
    port: relay.port,
    fallSilent: () => {
      silent = true
    },
    cut: () => {
      for (const [near, far] of pairs) {
        near.resetAndDestroy()
        far.resetAndDestroy()
      }
    },
    close: async () => {
      for (const [, far] of pairs) far.destroy()
      await relay.close()
    },
  }
}

export interface OpenWireOptions {
  /** Port of what plays the API server. */
  readonly target: number
  readonly limits?: Partial<TunnelLimits>
  readonly answer?: Answer
  readonly tls?: { readonly cert: string; readonly key: string }
  readonly dial?: Partial<DialOptions>
  /** Between the agent and the server. */
  readonly through?: (port: number) => Promise<number>
  /** Takes the place of an upgrade. */
  readonly refuse?: string
}

/** Both ends of a tunnel over real sockets of this machine. */
export async function openWire(options: OpenWireOptions): Promise<{
  server: ServerTunnel
  agent: AgentTunnel
  epoch: number
  port: number
  close(): Promise<void>
}> {
  const limits = { ...tunnelLimits, ...options.limits }
  const acceptor = createTunnelAcceptor(limits)
  const http: Server = options.tls === undefined ? createHttp() : createHttps(options.tls)
  const accepted = new Promise<ServerTunnel | undefined>((resolve) => {
    http.on('upgrade', (request, socket, head) => {
      socket.on('error', () => undefined)
      if (options.refuse !== undefined || parseTunnelRequest(request) === undefined) socket.end(options.refuse)
      else void acceptor.accept({ request, socket, head }, { epoch: 7 }).then(resolve)
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const port = portOf(http)
  const closeServer = async (): Promise<void> => {
    http.closeAllConnections()
    http.close()
    await once(http, 'close')
  }
  const at = (await options.through?.(port)) ?? port
  try {
    const { tunnel: agent, epoch } = await dialTunnel({
      server: new URL(`${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${at}`),
      token: 'fla_test',
      cluster: 'east',
      class: 'bulk',
      version: 'test',
      epoch: 0,
      env: {},
      signal: AbortSignal.timeout(10_000),
      limits,
      targetOf: (name) => (name === apiServerTarget ? { host: '127.0.0.1', port: options.target } : undefined),
      answer: options.answer ?? (() => undefined),
      ...options.dial,
    })
    const server = await accepted
    if (server === undefined) throw new Error('the server took no tunnel')
    return {
      server,
      agent,
      epoch,
      port,
      close: async () => {
        server.end('stopping')
        await Promise.all([server.ended, agent.ended])
        await closeServer()
      },
    }
  } catch (thrown) {
    await closeServer()
    throw thrown
  }
}
