import { FlotillaError } from '@flotilla/model'

/** Whom a request is made for, by Kubernetes impersonation. */
export interface Identity {
  readonly user: string
  readonly groups: readonly string[]
  /** Extra attributes, such as what a token was scoped to. */
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined
}

/** Spaces at the ends would be cut on the wire, and so could make `system:` out of ` system:`. */
const headerValue = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/
const extraKey = /^[a-z0-9](?:[a-z0-9._/-]*[a-z0-9])?$/

/** Refuses (`auth.forbidden`) what Flotilla must never act as: nobody, or the cluster's own identities. */
export function checkIdentity(identity: Identity): Identity {
  checkValue('user', identity.user)
  identity.groups.forEach((group, at) => checkValue(`groups[${at}]`, group))
  for (const [key, values] of Object.entries(identity.extra ?? {})) {
    if (!extraKey.test(key)) throw refused(`extra.${key}`, key, 'is not a valid key')
    values.forEach((value, at) => {
      if (!headerValue.test(value)) throw refused(`extra.${key}[${at}]`, value, 'cannot be sent as a header')
    })
  }
  return identity
}

function checkValue(field: string, value: string): void {
  if (value === '') throw refused(field, value, 'is empty')
  if (!headerValue.test(value)) throw refused(field, value, 'cannot be sent as a header')
  if (value.toLowerCase().startsWith('system:')) throw refused(field, value, 'belongs to Kubernetes itself')
}

function refused(field: string, value: string, why: string): FlotillaError {
  return new FlotillaError('auth.forbidden', {
    message: `Refused to act as ${field} ${JSON.stringify(value)}: it ${why}.`,
    remedy: 'Act as a user and groups of Flotilla (flotilla:...).',
    field,
    value,
  })
}

/** The impersonation headers; arrays stand for a header that is sent once per value. */
export function impersonationHeaders(identity: Identity | undefined): Record<string, string | string[]> {
  if (identity === undefined) return {}
  const headers: Record<string, string | string[]> = { 'impersonate-user': identity.user }
  if (identity.groups.length > 0) headers['impersonate-group'] = [...identity.groups]
  for (const [key, values] of Object.entries(identity.extra ?? {})) {
    headers[`impersonate-extra-${encodeURIComponent(key)}`] = [...values]
  }
  return headers
}
