import { Agent, request, type Dispatcher } from 'undici'
import { FlotillaError } from '@flotilla/model'
import { type AddressGuard, pinnedLookup, splitPort } from '../address-guard.ts'

export interface HttpClientOptions {
  readonly guard: AddressGuard
  /** `host[:port]` that may be spoken to over plain HTTP. */
  readonly insecureHosts: readonly string[]
  /** PEM; the system's authorities when left out. */
  readonly ca?: string | undefined
  /** Names the input in errors: `source.helm.chart.oci.url`. */
  readonly field: string
  readonly signal?: AbortSignal | undefined
}

export interface HttpGet {
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Sent to the origin of the first URL only, never along a redirect to another. */
  readonly authorization?: string | undefined
  readonly maxBytes: number
  /** What is fetched, for errors: `the chart`, `index.yaml`. */
  readonly what: string
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Uint8Array
  /** After redirects. */
  readonly url: URL
}

const maxRedirects = 5
const quietTimeout = 30_000
const wholeTimeout = 120_000
const redirects = new Set([301, 302, 303, 307, 308])

/**
 * Fetches for one operation. Every host is resolved once and its connections are pinned to what was checked; each
 * redirect is checked like the first address.
 */
export class HttpClient {
  readonly #options: HttpClientOptions
  readonly #agents = new Map<string, Agent>()
  readonly #stop: AbortSignal

  constructor(options: HttpClientOptions) {
    this.#options = options
    const limit = AbortSignal.timeout(wholeTimeout)
    this.#stop = options.signal === undefined ? limit : AbortSignal.any([options.signal, limit])
  }

  /** Gives any status but redirects; errors: `address.refused`, `source.unreachable`, `input.too_large`. */
  async get(address: string | URL, get: HttpGet): Promise<HttpAnswer> {
    let url = this.#parse(address)
    const first = url.origin
    for (let hops = 0; hops <= maxRedirects; hops++) {
      const headers: Record<string, string> = { 'user-agent': 'flotilla', ...get.headers }
      if (get.authorization !== undefined && url.origin === first) headers['authorization'] = get.authorization
      const answer = await this.#send(url, headers, get)
      const location = answer.headers['location']
      if (!redirects.has(answer.statusCode) || typeof location !== 'string') {
        return { status: answer.statusCode, headers: answer.headers, body: await this.#read(answer, url, get), url }
      }
      await answer.body.dump({ limit: 64 * 1024 }).catch(() => undefined)
      url = this.#parse(new URL(location, url))
    }
    throw new FlotillaError('source.unreachable', {
      message: `${get.what}: more than ${maxRedirects} redirects`,
      field: this.#options.field,
    })
  }

  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()))
    this.#agents.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #parse(address: string | URL): URL {
    const url = typeof address === 'string' ? URL.parse(address) : address
    if (url === null) throw invalidUrl('is not a URL', this.#options.field)
    if (url.username !== '' || url.password !== '') {
      throw invalidUrl('holds a user name or password; use a Credential', this.#options.field)
    }
    if (url.protocol === 'https:') return url
    if (url.protocol !== 'http:') throw invalidUrl(`has the scheme ${url.protocol}`, this.#options.field)
    if (this.#options.insecureHosts.some((host) => isSameHost(host, url))) return url
    throw new FlotillaError('source.refused', {
      message: `${url.host} would be spoken to over plain HTTP`,
      remedy: 'Use https, or let an administrator list the host as one that may be insecure',
      field: this.#options.field,
      value: url.host,
    })
  }

  async #send(url: URL, headers: Record<string, string>, get: HttpGet): Promise<Dispatcher.ResponseData> {
    const agent = await this.#agentFor(url)
    try {
      return await request(url, { dispatcher: agent, headers, signal: this.#stop })
    } catch (cause) {
      throw this.#unreachable(url, get, cause)
    }
  }

  async #read(answer: Dispatcher.ResponseData, url: URL, get: HttpGet): Promise<Uint8Array> {
    const chunks: Buffer[] = []
    let size = 0
    try {
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        size += chunk.length
        if (size > get.maxBytes) {
          answer.body.destroy()
          throw new FlotillaError('input.too_large', {
            message: `${get.what} is larger than ${get.maxBytes} bytes`,
            field: this.#options.field,
          })
        }
        chunks.push(chunk)
      }
    } catch (cause) {
      if (cause instanceof FlotillaError) throw cause
      throw this.#unreachable(url, get, cause)
    }
    return Buffer.concat(chunks, size)
  }

  async #agentFor(url: URL): Promise<Agent> {
    const known = this.#agents.get(url.origin)
    if (known !== undefined) return known
    const pinned = await this.#options.guard.pin(url, this.#options.field, this.#stop)
    const agent = new Agent({
      connect: {
        lookup: pinnedLookup(pinned),
        timeout: 10_000,
        ...(this.#options.ca === undefined ? {} : { ca: this.#options.ca }),
      },
      headersTimeout: quietTimeout,
      bodyTimeout: quietTimeout,
      maxHeaderSize: 32 * 1024,
    })
    this.#agents.set(url.origin, agent)
    return agent
  }

  #unreachable(url: URL, get: HttpGet, cause: unknown): unknown {
    this.#options.signal?.throwIfAborted()
    const code = (cause as { code?: unknown } | null)?.code
    return new FlotillaError('source.unreachable', {
      message: `${get.what} cannot be fetched from ${url.host}${typeof code === 'string' ? `: ${code}` : ''}`,
      remedy: 'Check that the server can reach that host, and its certificate',
      field: this.#options.field,
      value: url.host,
      cause,
    })
  }
}

/** Turns an answer that is no success into an error of the catalogue. */
export function requireSuccess(answer: HttpAnswer, what: string, field: string): HttpAnswer {
  const { status, url } = answer
  if (status >= 200 && status < 300) return answer
  const detail = { field, value: url.host }
  if (status === 401 || status === 403) {
    throw new FlotillaError('source.unauthorized', {
      ...detail,
      message: `${url.host} does not give ${what} to these credentials`,
      remedy: 'Check the Credential of this component',
    })
  }
  if (status === 404 || status === 410) {
    throw new FlotillaError('source.not_found', { ...detail, message: `${url.host} has no ${what}` })
  }
  const wait = Number(answer.headers['retry-after'])
  throw new FlotillaError('source.unreachable', {
    ...detail,
    message: `${url.host} answered ${status} for ${what}`,
    ...(Number.isFinite(wait) && wait > 0 ? { retryAfter: Math.min(wait, 3600) } : {}),
  })
}

export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

/** Whether the pattern, `host[:port]`, names the host of a plain HTTP address. */
export function isSameHost(pattern: string, url: URL): boolean {
  const [host, port] = splitPort(pattern.toLowerCase())
  return url.hostname.replace(/^\[|\]$/g, '') === host && (port === undefined || String(port) === (url.port || '80'))
}

function invalidUrl(why: string, field: string): FlotillaError {
  return new FlotillaError('input.invalid', { message: `The address ${why}`, field })
}
