import { csrfHeader } from '@flotilla/api'
import { FlotillaError } from '@flotilla/model'

interface Asked {
  readonly method: string
  readonly host: string | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The caller is known by a cookie, which a browser sends by itself. */
  readonly byCookie: boolean
}

/**
 * Refuses (`request.csrf`) a changing request that another site could have made a browser send: its Origin must be ours,
 * and with a cookie it must carry a header that another origin cannot set.
 */
export function checkOrigin({ method, host, headers, byCookie }: Asked): void {
  if (method === 'GET' || method === 'HEAD') return
  const origin = headers['origin']
  if (origin !== undefined && (typeof origin !== 'string' || !isOwnOrigin(origin, host)))
    throw refused('it comes from another origin')
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw refused('it comes from another site')
  if (byCookie && headers[csrfHeader] === undefined) throw refused(`the header ${csrfHeader} is missing`)
}

/** Whether a page of that origin is one of this server's, as the browser names both. */
export const isOwnOrigin = (origin: string, host: string | undefined): boolean =>
  host !== undefined && host !== '' && hostOf(origin) === host

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host
  } catch {
    return undefined
  }
}

const refused = (why: string): FlotillaError =>
  new FlotillaError('request.csrf', {
    message: `The request was refused because ${why}`,
    remedy: `Send it from the console, or with a bearer token; a browser's request needs the header ${csrfHeader}`,
  })
