import { Agent, request } from 'undici'
import { FlotillaError } from '@flotilla/model'
import { type AddressGuard, pinnedLookup } from './address-guard.ts'
import { isSameHost } from './sources/http-client.ts'

export interface GuardedFetchOptions {
  readonly guard: AddressGuard
  /** `host[:port]` that may be spoken to over plain HTTP. */
  readonly insecureHosts: readonly string[]
  /** PEM of authorities beside none other; the system's when left out. */
  readonly ca?: string | undefined
  /** Names the input in errors. */
  readonly field: string
  readonly maxBytes?: number
  readonly timeoutMs?: number
}

export interface GuardedRequest {
  readonly method?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | URLSearchParams | undefined
  readonly signal?: AbortSignal | undefined
}

export type GuardedFetch = (address: string | URL, request?: GuardedRequest) => Promise<Response>

/**
 * A fetch for addresses that people configured: the host is resolved once and the connection pinned to what was
 * checked, plain HTTP is for listed hosts only, the answer is bounded, and a redirect is given as it is, never followed.
 * Errors: `address.refused`, `provider.unreachable`, `input.too_large`.
 */
export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const { guard, insecureHosts, ca, field, maxBytes = 1024 * 1024, timeoutMs = 10_000 } = options
  return async (address, { method = 'GET', headers = {}, body, signal } = {}) => {
    const url = checkedUrl(address, insecureHosts, field)
    const limit = AbortSignal.timeout(timeoutMs)
    const stop = signal === undefined ? limit : AbortSignal.any([signal, limit])
    const pinned = await guard.pin(url, field, stop)
    const agent = new Agent({
      connect: { lookup: pinnedLookup(pinned), timeout: timeoutMs, ...(ca === undefined ? {} : { ca }) },
      maxHeaderSize: 32 * 1024,
      pipelining: 0,
    })
    try {
      const answer = await request(url, {
        dispatcher: agent,
        method,
        headers,
        signal: stop,
        ...(body === undefined ? {} : { body: String(body) }),
      })
      const bytes = await readBounded(answer.body, maxBytes, url, field)
      const given = new Headers()
      for (const [name, value] of Object.entries(answer.headers))
        for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) given.append(name, one)
      const empty = [101, 204, 205, 304].includes(answer.statusCode)
      return new Response(empty ? null : bytes, { status: answer.statusCode, headers: given })
    } catch (thrown) {
      if (thrown instanceof FlotillaError) throw thrown
      signal?.throwIfAborted()
      const code: unknown = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
      throw new FlotillaError('provider.unreachable', {
        message: `${url.host} does not answer${typeof code === 'string' ? `: ${code}` : ''}`,
        remedy: 'Check that this server can reach that host, and its certificate',
        field,
        value: url.host,
        cause: thrown,
      })
    } finally {
      await agent.destroy()
    }
  }
}

function checkedUrl(address: string | URL, insecureHosts: readonly string[], field: string): URL {
  const url = URL.parse(String(address))
  if (url === null || url.username !== '' || url.password !== '')
    throw new FlotillaError('input.invalid', { message: 'The address is not a URL without a user', field })
  if (url.protocol === 'https:') return url
  if (url.protocol === 'http:' && insecureHosts.some((host) => isSameHost(host, url))) return url
  throw new FlotillaError('address.refused', {
    message: `${url.host} would be spoken to without encryption`,
    remedy: 'Use https, or let an administrator list the host as one that may be insecure (--insecure-host)',
    field,
    value: url.host,
  })
}

async function readBounded(
  body: AsyncIterable<Buffer>,
  maxBytes: number,
  url: URL,
  field: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > maxBytes)
      throw new FlotillaError('input.too_large', {
        message: `What ${url.host} answers is larger than ${maxBytes} bytes`,
        field,
      })
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks, size))
}
