import { FlotillaError } from '@flotilla/model'
import { type HttpClient, requireSuccess } from './http-client.ts'

export interface AdvertisedRefs {
  /** The repository's address after redirects. */
  readonly url: URL
  /** Commit of a branch, a tag (peeled), a full ref name or HEAD. */
  commitOf(ref: string): string | undefined
}

const maxRefBytes = 32 * 1024 * 1024
const service = 'info/refs?service=git-upload-pack'

/**
 * Reads what a smart HTTP remote advertises (gitprotocol-http, version 0). One request tells whether it is there, whether
 * the credentials are good, where it really is, and all its commits: no git process runs to poll a branch.
 */
export async function advertisedRefs(
  http: HttpClient,
  url: URL,
  authorization: string | undefined,
  field: string,
): Promise<AdvertisedRefs> {
  const base = url.pathname.replace(/\/+$/, '')
  const address = new URL(`${base}/${service}`, url)
  const answer = await http.get(address, { authorization, maxBytes: maxRefBytes, what: 'the list of branches' })
  requireSuccess(answer, `repository at ${url.pathname}`, field)
  const refs = parseAdvertisement(answer.body)
  if (refs === undefined || !answer.url.pathname.endsWith('/info/refs')) {
    throw new FlotillaError('source.refused', {
      message: `${answer.url.host} does not answer as a Git repository`,
      remedy: 'Check the address; it is the one for `git clone`',
      field,
    })
  }
  const final = new URL(answer.url.pathname.slice(0, -'/info/refs'.length), answer.url)
  return {
    url: final,
    commitOf: (ref) => {
      for (const name of [ref, `refs/tags/${ref}`, `refs/heads/${ref}`]) {
        const commit = refs.get(`${name}^{}`) ?? refs.get(name)
        if (commit !== undefined) return commit
      }
      return undefined
    },
  }
}

/** Parses pkt-lines; undefined when it is no advertisement. */
export function parseAdvertisement(body: Uint8Array): Map<string, string> | undefined {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const refs = new Map<string, string>()
  let known = false
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = Number.parseInt(bytes.toString('latin1', at, at + 4), 16)
    if (Number.isNaN(length) || (length > 0 && length < 4) || at + length > bytes.length) return undefined
    if (length === 0) {
      at += 4
      continue
    }
    const line = bytes.toString('utf8', at + 4, at + length).replace(/\n$/, '')
    at += length
    if (line === '# service=git-upload-pack') known = true
    const match = /^([0-9a-f]{40}) ([^\0]+)/.exec(line)
    if (match?.[1] !== undefined && match[2] !== undefined) refs.set(match[2], match[1])
  }
  return known ? refs : undefined
}
