import { createServer as createPlain, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { createServer as createSecure, type Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { KeyedCertificate } from './make-certificate.ts'

/** As Node's own servers take them. */
type ServerTimes = Pick<ServerOptions, 'keepAliveTimeout' | 'requestTimeout' | 'shouldUpgradeCallback'>

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
  settings: KeyedCertificate & ServerTimes,
  listener: RequestListener,
): BothProtocols {
  const { cert, key, ...times } = settings
  const server = createPlain(times, listener)
  const secure = createSecure({ cert, key, minVersion: 'TLSv1.2', ...times }, listener)
  const [takePlain] = server.listeners('connection') as ((socket: Socket) => void)[]
  server.removeAllListeners('connection')
  // by its other end: of those that have said nothing yet, or have not ended their handshake, no server knows
  const silent = new Map<string, Socket>()
  server.on('connection', (socket: Socket) => {
    const destroy = (): void => void socket.destroy()
    const peer = peerOf(socket)
    const forget = (): void => void silent.delete(peer)
    silent.set(peer, socket)
    socket.setTimeout(firstByteMs, destroy)
    socket.on('error', destroy)
    socket.once('close', forget)
    socket.once('readable', () => {
      const first: unknown = socket.read(1)
      if (!(first instanceof Buffer)) return destroy()
      socket.setTimeout(0, destroy)
      socket.removeListener('timeout', destroy)
      socket.unshift(first)
      if (first[0] === handshake) {
        secure.emit('connection', socket)
        return
      }
      forget()
      socket.removeListener('close', forget)
      takePlain?.call(server, socket)
    })
  })
  secure.on('secureConnection', (socket: TLSSocket) => silent.delete(peerOf(socket)))
  // the HTTPS side never listens by itself; this starts its clock for requests that do not come to an end
  server.on('listening', () => secure.emit('listening'))
  const closeIdle = server.closeIdleConnections.bind(server)
  server.closeIdleConnections = () => {
    closeIdle()
    secure.closeIdleConnections()
    for (const socket of silent.values()) socket.destroy()
  }
  const closeAll = server.closeAllConnections.bind(server)
  server.closeAllConnections = () => {
    closeAll()
    secure.closeAllConnections()
    for (const socket of silent.values()) socket.destroy()
  }
  server.on('close', () => secure.emit('close'))
  return { server, secure }
}

const peerOf = ({ remoteAddress = '', remotePort = 0 }: Socket): string => `${remoteAddress} ${remotePort}`
