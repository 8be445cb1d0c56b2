import { createServer as createPlain, type RequestListener, type Server } from 'node:http'
import { createServer as createSecure, type Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import type { KeyedCertificate } from './make-certificate.ts'

export interface BothProtocols {
  /** Listens, and is closed; what it says of its connections holds for both. */
  readonly server: Server
  readonly secure: SecureServer
}

/** Of a TLS record that begins a handshake (RFC 8446, section 5.1); no HTTP request begins with it. */
const handshake = 22
const firstByteMs = 120_000

/**
 * HTTP and HTTPS on one port, told apart by the first byte: the console of a server on one's own machine is opened
 * without a warning, and kubectl, which sends no token without TLS, has it at the same address.
 */
export function createBothProtocols(
  settings: KeyedCertificate & { readonly keepAliveTimeout: number; readonly requestTimeout: number },
  listener: RequestListener,
): BothProtocols {
  const { cert, key, keepAliveTimeout, requestTimeout } = settings
  const server = createPlain({ keepAliveTimeout, requestTimeout }, listener)
  const secure = createSecure({ cert, key, minVersion: 'TLSv1.2', keepAliveTimeout, requestTimeout }, listener)
  const [takePlain] = server.listeners('connection') as ((socket: Socket) => void)[]
  server.removeAllListeners('connection')
  const silent = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    const destroy = (): void => void socket.destroy()
    const forget = (): void => void silent.delete(socket)
    silent.add(socket)
    socket.setTimeout(firstByteMs, destroy)
    socket.on('error', destroy)
    socket.once('close', forget)
    socket.once('readable', () => {
      const first: unknown = socket.read(1)
      if (!(first instanceof Buffer)) return destroy()
      forget()
      socket.setTimeout(0, destroy)
      socket.removeListener('timeout', destroy)
      socket.removeListener('close', forget)
      socket.unshift(first)
      if (first[0] === handshake) secure.emit('connection', socket)
      else takePlain?.call(server, socket)
    })
  })
  // the HTTPS side never listens by itself; this starts its clock for requests that do not come to an end
  server.on('listening', () => secure.emit('listening'))
  const closeIdle = server.closeIdleConnections.bind(server)
  server.closeIdleConnections = () => {
    closeIdle()
    secure.closeIdleConnections()
    for (const socket of silent) socket.destroy()
  }
  const closeAll = server.closeAllConnections.bind(server)
  server.closeAllConnections = () => {
    closeAll()
    secure.closeAllConnections()
    for (const socket of silent) socket.destroy()
  }
  server.on('close', () => secure.emit('close'))
  return { server, secure }
}
