import type { IncomingMessage } from 'node:http'
import { FlotillaError } from '@flotilla/model'
import { parseKubeRequest } from '../../audit/kube-request.ts'

/** Reviews are created, and change nothing: `kubectl auth can-i`. */
const reviews =
  /^\/k8s\/(?:host|clusters\/[^/]+)\/apis\/authorization\.k8s\.io\/v1\/selfsubject(?:access|rules)reviews$/
const toCluster = /^\/k8s\/(?:host|clusters\/[^/?#]+)(\/[^#]*)$/
/** Whatever these lead to may do anything, also by GET. */
const throughs: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'proxy'])

/** For a token that only reads: what could change something, or leads into a container, is refused. */
export function refuseWrites({
  method = '',
  url = '',
  headers,
}: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): void {
  const segments = segmentsOf(url)
  const path = `/${segments?.join('/') ?? ''}`
  const reads = method === 'GET' || method === 'HEAD' || (method === 'POST' && reviews.test(path))
  if (segments !== undefined && reads && headers.upgrade === undefined && !leadsThrough(method, url, segments)) return
  throw new FlotillaError('auth.forbidden', {
    message: 'This token only reads; exec, attach, port-forward and proxy are refused with it, too',
    remedy: 'Make one that may write, too',
  })
}

/** By what is asked for, as the API server reads it: an object may be called `proxy`. Of what is no resource any word counts. */
function leadsThrough(method: string, url: string, segments: readonly string[]): boolean {
  const address = toCluster.exec(url)?.[1]
  const asked = address === undefined ? undefined : parseKubeRequest(method, address)
  return asked === undefined ? segments.some((one) => throughs.has(one)) : throughs.has(asked.subresource ?? '')
}

/** As the API server reads the path: decoded, without empty ones. Undefined when it cannot be. */
function segmentsOf(url: string): string[] | undefined {
  try {
    const path = decodeURIComponent(url.split(/[?#]/)[0] ?? '')
    const segments = path.split('/').filter((segment) => segment !== '')
    return segments.some((segment) => segment === '.' || segment === '..') ? undefined : segments
  } catch {
    return undefined
  }
}
