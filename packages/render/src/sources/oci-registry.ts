import { FlotillaError } from '@flotilla/model'
import { contentDigest } from '../digests.ts'
import type { SourceCredentials } from '../types.ts'
import { basicAuthorization, type HttpAnswer, type HttpClient, requireSuccess } from './http-client.ts'

export interface OciManifest {
  readonly digest: string
  readonly layers: readonly { readonly mediaType: string; readonly digest: string; readonly size: number }[]
}

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')
const maxManifestBytes = 4 * 1024 * 1024
const maxPages = 50
const digestPattern = /^sha256:[0-9a-f]{64}$/

/** One repository of a registry, read by the OCI distribution protocol with its token flow. */
export class OciRepository {
  readonly #http: HttpClient
  readonly #base: string
  readonly #repository: string
  readonly #credentials: SourceCredentials | undefined
  readonly #field: string
  #authorization: string | undefined

  constructor(
    http: HttpClient,
    base: string,
    repository: string,
    credentials: SourceCredentials | undefined,
    field: string,
  ) {
    this.#http = http
    this.#base = base
    this.#repository = repository
    this.#credentials = credentials
    this.#field = field
  }

  /** `reference` is a tag or a digest; the digest of what comes back is checked. */
  async getManifest(reference: string): Promise<OciManifest> {
    const answer = await this.#get(
      `manifests/${reference}`,
      maxManifestBytes,
      `manifest of ${this.#repository}:${reference}`,
      manifestTypes,
    )
    const digest = contentDigest(answer.body)
    if (digestPattern.test(reference) && reference !== digest) throw this.#mismatch(reference)
    const manifest = parseManifest(answer.body)
    if (manifest === undefined) {
      throw new FlotillaError('source.refused', {
        message: `${this.#repository}:${reference} is neither a chart nor an artifact of one manifest`,
        remedy: 'Name an artifact that `helm push` or a like tool made',
        field: this.#field,
      })
    }
    return { digest, layers: manifest }
  }

  async getBlob(digest: string, maxBytes: number): Promise<Uint8Array> {
    if (!digestPattern.test(digest)) throw this.#mismatch(digest)
    const { body } = await this.#get(`blobs/${digest}`, maxBytes, `content of ${this.#repository}`, '*/*')
    if (contentDigest(body) !== digest) throw this.#mismatch(digest)
    return body
  }

  async listTags(): Promise<string[]> {
    const tags: string[] = []
    let path: string | URL = 'tags/list?n=1000'
    for (let page = 0; page < maxPages; page++) {
      const answer: HttpAnswer = await this.#get(
        path,
        maxManifestBytes,
        `tags of ${this.#repository}`,
        'application/json',
      )
      const list = parseJson(answer.body) as { tags?: unknown } | undefined
      if (Array.isArray(list?.tags)) tags.push(...list.tags.filter((tag): tag is string => typeof tag === 'string'))
      const next = /<([^>]+)>;\s*rel="?next"?/.exec(String(answer.headers['link'] ?? ''))?.[1]
      if (next === undefined) return tags
      path = new URL(next, answer.url)
    }
    return tags
  }

  async #get(path: string | URL, maxBytes: number, what: string, accept: string): Promise<HttpAnswer> {
    const url = path instanceof URL ? path : new URL(`/v2/${this.#repository}/${path}`, this.#base)
    const send = (): Promise<HttpAnswer> =>
      this.#http.get(url, { headers: { accept }, authorization: this.#authorization, maxBytes, what })
    let answer = await send()
    if (answer.status === 401 && (await this.#authorize(answer))) answer = await send()
    return requireSuccess(answer, what, this.#field)
  }

  /** Follows `WWW-Authenticate`; false when there is nothing (more) to offer. */
  async #authorize(refused: HttpAnswer): Promise<boolean> {
    const header = refused.headers['www-authenticate']
    const challenges = (typeof header === 'string' ? [header] : (header ?? [])).map(parseChallenge)
    const auth = this.#credentials?.auth
    const basic = auth?.type === 'basic' ? basicAuthorization(auth.username, auth.password) : undefined
    const before = this.#authorization
    const bearer = challenges.find((challenge) => challenge.scheme === 'bearer')
    if (auth?.type === 'bearer') this.#authorization = `Bearer ${auth.token}`
    else if (bearer?.parameters['realm'] !== undefined)
      this.#authorization = await this.#fetchToken(bearer.parameters, basic)
    else if (basic !== undefined) this.#authorization = basic
    return this.#authorization !== before
  }

  async #fetchToken(parameters: Readonly<Record<string, string>>, basic: string | undefined): Promise<string> {
    const url = URL.parse(parameters['realm'] ?? '')
    if (url === null) {
      throw new FlotillaError('source.unreachable', {
        message: 'The registry names no token service',
        field: this.#field,
      })
    }
    if (parameters['service'] !== undefined) url.searchParams.set('service', parameters['service'])
    url.searchParams.set('scope', parameters['scope'] ?? `repository:${this.#repository}:pull`)
    const what = `token for ${this.#repository}`
    const answer = await this.#http.get(url, { authorization: basic, maxBytes: 1024 * 1024, what })
    const body = parseJson(requireSuccess(answer, what, this.#field).body) as
      | { token?: unknown; access_token?: unknown }
      | undefined
    const token = body?.token ?? body?.access_token
    if (typeof token !== 'string' || /[^\x21-\x7e]/.test(token)) {
      throw new FlotillaError('source.unreachable', { message: 'The token service gave no token', field: this.#field })
    }
    return `Bearer ${token}`
  }

  #mismatch(digest: string): FlotillaError {
    return new FlotillaError('source.refused', {
      message: `The registry gave other content for ${this.#repository} than its digest says`,
      field: this.#field,
      value: digest,
    })
  }
}

function parseManifest(body: Uint8Array): OciManifest['layers'] | undefined {
  const manifest = parseJson(body) as { layers?: unknown } | undefined
  if (!Array.isArray(manifest?.layers)) return undefined
  const layers: { mediaType: string; digest: string; size: number }[] = []
  for (const layer of manifest.layers as readonly Record<string, unknown>[]) {
    const { mediaType, digest, size } = layer
    if (typeof mediaType !== 'string' || typeof digest !== 'string' || typeof size !== 'number') return undefined
    layers.push({ mediaType, digest, size })
  }
  return layers
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    return undefined
  }
}

/** Reads one `WWW-Authenticate` value (RFC 9110): a scheme and its parameters. */
export function parseChallenge(header: string): { scheme: string; parameters: Record<string, string> } {
  const [, scheme = '', rest = ''] = /^\s*([A-Za-z0-9-]+)\s*(.*)$/s.exec(header) ?? []
  const parameters: Record<string, string> = Object.create(null) as Record<string, string> // no inherited keys
  for (const match of rest.matchAll(/([A-Za-z_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)) {
    parameters[(match[1] ?? '').toLowerCase()] = match[2]?.replaceAll(/\\(.)/g, '$1') ?? match[3] ?? ''
  }
  return { scheme: scheme.toLowerCase(), parameters }
}
