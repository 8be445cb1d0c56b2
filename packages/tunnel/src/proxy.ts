import { request } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { TunnelError } from './tunnel-error.ts'

/** The proxy that the environment names for an address; undefined when it is reached directly. */
export function findProxy(target: URL, env: Readonly<Record<string, string | undefined>>): URL | undefined {
  const proxy = env['HTTPS_PROXY'] || env['https_proxy'] || ''
  if (proxy === '') return undefined
  const host = target.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const port = target.port === '' ? '443' : target.port
  const exceptions = (env['NO_PROXY'] || env['no_proxy'] || '').toLowerCase().split(/[\s,]+/)
  if (exceptions.some((rule) => isExcepted(rule, host, port))) return undefined
  try {
    const url = new URL(proxy.includes('://') ? proxy : `http://${proxy}`)
    if (url.protocol === 'http:' || url.protocol === 'https:') return url
  } catch {
    // said below, without the password that may be in it
  }
  throw new TunnelError('EINVAL', 'HTTPS_PROXY is no address such as http://proxy.example:3128')
}

/** `*`, a host, `.suffix` or a suffix, each with or without a port; networks of IPv4 addresses. */
function isExcepted(rule: string, host: string, port: string): boolean {
  if (rule === '') return false
  if (rule === '*' || rule.replace(/^\[|\]$/g, '') === host) return true
  const network = /^(\d+\.\d+\.\d+\.\d+)\/(\d{1,2})$/.exec(rule)
  if (network !== null) return isIP(host) === 4 && isInside(host, network[1] ?? '', Number(network[2]))
  const [, name = '', only] = /^(.*?)(?::(\d+))?$/.exec(rule) ?? []
  if (only !== undefined && only !== port) return false
  const suffix = name.replace(/^\*?\./, '')
  return host === suffix || (isIP(host) === 0 && host.endsWith(`.${suffix}`))
}

function isInside(address: string, network: string, bits: number): boolean {
  const number = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const size = 2 ** (32 - bits)
  return Math.floor(number(address) / size) === Math.floor(number(network) / size)
}

/** A connection through a forward proxy (CONNECT, RFC 9110 section 9.3.6). */
export function connectThrough(
  proxy: URL,
  target: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<Socket> {
  const at = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`
  const port = Number(proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : proxy.port)
  const host = proxy.hostname.replace(/^\[|\]$/g, '')
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  return new Promise((resolve, reject) => {
    const asked = request({
      host,
      port,
      method: 'CONNECT',
      path: at,
      signal,
      headers: {
        host: at,
        ...(proxy.username === ''
          ? {}
          : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }),
      },
      ...(proxy.protocol === 'https:' && {
        createConnection: () => connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }) }),
      }),
    })
    asked.once('connect', (response, socket: Socket, head) => {
      if (response.statusCode === 200) {
        if (head.length > 0) socket.unshift(head)
        return resolve(socket)
      }
      socket.destroy()
      reject(new TunnelError('EPROXY', `the proxy ${proxy.host} answered ${response.statusCode} to CONNECT ${at}`))
    })
    asked.once('response', (response) => {
      response.destroy()
      reject(new TunnelError('EPROXY', `the proxy ${proxy.host} does not take CONNECT`))
    })
    asked.once('error', (cause) =>
      reject(new TunnelError('EPROXY', `the proxy ${proxy.host} cannot be reached`, { cause })),
    )
    asked.end()
  })
}
