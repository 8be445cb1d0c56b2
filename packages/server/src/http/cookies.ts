import { basePath } from '@flotilla/api'
import type { CookieSerializeOptions } from '@fastify/cookie'
import type { FastifyRequest } from 'fastify'

export interface NamedCookie {
  readonly name: string
  readonly options: CookieSerializeOptions
}

/**
 * Session, and what a browser keeps of a sign-in that it began elsewhere. Over HTTPS they are called `__Host-`, which no
 * browser takes from another host or without encryption: a sibling host cannot sign somebody in as somebody else.
 */
export function cookiesOf(
  request: FastifyRequest,
  { tls }: { readonly tls: boolean },
): Record<'session' | 'flow', NamedCookie> {
  // not with a certificate of our own: over HTTP, on the same port, such a cookie could not be replaced
  const byProxy = request.protocol === 'https' && !('encrypted' in request.socket)
  const secure = tls || byProxy
  const options = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const
  return secure
    ? { session: { name: '__Host-flotilla-session', options }, flow: { name: '__Host-flotilla-sign-in', options } }
    : {
        session: { name: 'flotilla-session', options },
        flow: { name: 'flotilla-sign-in', options: { ...options, path: `${basePath}/sign-in` } },
      }
}
