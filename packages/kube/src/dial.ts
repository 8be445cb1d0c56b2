import type { LookupAddress, LookupOptions } from 'node:dns'
import { lookup as resolveName } from 'node:dns/promises'
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls'
import { callbackify } from 'node:util'
import { FlotillaError } from '@flotilla/model'
import type { ClusterConnection, Purpose } from './connection.ts'

/** Opens ready connections to one API server: TCP or what the connection brings, and TLS over it, HTTP/1.1. */
export type Dial = (signal: AbortSignal, purpose?: Purpose) => Promise<Duplex>

const keepAliveMs = 15_000

/** Prepares the way to one API server. Certificates are read once and TLS sessions reused: a handshake per call costs dearly. */
export function createDialer(connection: ClusterConnection, timeoutMs: number): Dial {
  const dial = openDialer(connection)
  return async (outer, purpose) => {
    const late = AbortSignal.timeout(timeoutMs)
    try {
      return await dial(AbortSignal.any([outer, late]), purpose)
    } catch (cause) {
      if (outer.aborted || !late.aborted) throw cause
      throw Object.assign(new Error('no connection in time', { cause }), { code: 'ETIMEDOUT' })
    }
  }
}

function openDialer(connection: ClusterConnection): Dial {
  const url = new URL(connection.server)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const secure = url.protocol === 'https:'
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
  const serverName = connection.tlsServerName ?? host
  let context: SecureContext | undefined
  let session: Buffer | undefined

  return async (signal, purpose = 'bulk') => {
    signal.throwIfAborted()
    const raw =
      connection.connect === undefined
        ? await tcp({ host, port, signal, allowAddress: connection.allowAddress })
        : await connection.connect({ host, port, signal, purpose })
    if (!secure) return raw
    context ??= secureContext(connection)
    const socket = connectTls({
      socket: raw,
      secureContext: context,
      ...(isIP(serverName) === 0 && { servername: serverName }),
      host: serverName,
      rejectUnauthorized: connection.insecureSkipTlsVerify !== true,
      ALPNProtocols: ['http/1.1'],
      ...(session !== undefined && { session }),
    })
    socket.on('session', (next: Buffer) => {
      session = next
    })
    // A session that the server no longer takes would fail again and again.
    socket.once('error', () => {
      session = undefined
    })
    return ready(socket, raw, 'secureConnect', signal)
  }
}

function secureContext({ caPem, auth }: ClusterConnection): SecureContext {
  try {
    return createSecureContext({
      ...(caPem !== undefined && { ca: caPem }),
      ...(auth.kind === 'certificate' && { cert: auth.certPem, key: auth.keyPem }),
      minVersion: 'TLSv1.2',
    })
  } catch (cause) {
    throw new FlotillaError('kubeconfig.refused', {
      message: 'The certificates of the connection cannot be read.',
      remedy: 'Check that CA, client certificate and client key are PEM and that the key belongs to the certificate.',
      cause,
    })
  }
}

interface TcpOptions {
  host: string
  port: number
  signal: AbortSignal
  allowAddress: ClusterConnection['allowAddress']
}

async function tcp({ host, port, signal, allowAddress }: TcpOptions): Promise<Socket> {
  if (allowAddress !== undefined && isIP(host) !== 0 && !(await allowAddress(host))) throw addressRefused(host, host)
  const socket = connectTcp({
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveMs,
    autoSelectFamily: true,
    ...(allowAddress !== undefined && { lookup: guardedLookup(allowAddress) }),
  })
  return ready(socket, socket, 'connect', signal)
}

/** Resolves once and lets only allowed addresses through, so that the address that was checked is the one dialled. */
function guardedLookup(allowAddress: NonNullable<ClusterConnection['allowAddress']>): LookupFunction {
  const judge = callbackify(async (host: string, options: LookupOptions): Promise<LookupAddress[]> => {
    const addresses = await resolveName(host, { ...options, all: true })
    for (const { address } of addresses) if (!(await allowAddress(address))) throw addressRefused(host, address)
    return addresses
  })
  return (host, options, callback) => {
    judge(host, options, (error, addresses) => {
      if (error !== null) return callback(error, '', 0)
      if (options.all === true) return callback(null, addresses)
      const [first] = addresses
      return callback(null, first?.address ?? '', first?.family ?? 0)
    })
  }
}

function addressRefused(host: string, address: string): FlotillaError {
  return new FlotillaError('address.refused', {
    message: `The server address ${host} leads to ${address}, which is not allowed for clusters.`,
    remedy: "Use the API server's public address, or have the administrator list this one as allowed.",
    field: 'server',
    value: address,
  })
}

function ready<T extends Duplex>(socket: T, raw: Duplex, event: string, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      socket.removeListener(event, done)
      socket.removeListener('error', fail)
      socket.removeListener('close', closed)
      signal.removeEventListener('abort', abort)
      act()
    }
    const done = (): void => settle(() => resolve(socket))
    const fail = (error: Error): void =>
      settle(() => {
        socket.on('error', ignore)
        socket.destroy()
        raw.destroy()
        reject(error)
      })
    const closed = (): void => fail(Object.assign(new Error('closed while connecting'), { code: 'ECONNRESET' }))
    const abort = (): void => fail(signal.reason as Error)
    socket.once(event, done)
    socket.once('error', fail)
    socket.once('close', closed)
    signal.addEventListener('abort', abort, { once: true })
  })
}

/** A socket that was given up may still report an error, which no longer interests anybody. */
const ignore = (): void => {}
