import { FlotillaError } from '@flotilla/model'
import type { ResolvedKind } from './kind-ref.ts'

/** Kubernetes' own rule for a name in a path ("path segment name"), narrowed to printable characters. */
const longestName = 253
const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const resourceName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/
const groupName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/
const versionName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const subresourceName = /^[a-z]+$/
// oxlint-disable-next-line no-control-regex -- control characters are what it refuses
const neverInName = /[/%\\?#\s\u0000-\u001f\u007f-\u009f]/u

/**
 * `/apis/apps/v1/namespaces/shop/deployments/web/scale`. Without a name: the collection. Without a namespace, for a
 * namespaced kind: all namespaces. Refuses (`input.invalid`) names that Kubernetes would not take.
 */
export function objectPath(
  kind: Pick<ResolvedKind, 'group' | 'version' | 'resource' | 'namespaced' | 'kind'>,
  at: { namespace?: string | undefined; name?: string | undefined; subresource?: string | undefined },
): string {
  const parts = [groupPath(kind.group, kind.version)]
  if (kind.namespaced) {
    if (at.namespace !== undefined && at.namespace !== '') {
      parts.push('namespaces', checked('metadata.namespace', at.namespace, dnsLabel.test(at.namespace)))
    } else if (at.name !== undefined) {
      throw invalid('metadata.namespace', '', `${kind.kind} ${at.name} needs a namespace`)
    }
  }
  parts.push(checked('resource', kind.resource, resourceName.test(kind.resource)))
  if (at.name !== undefined) parts.push(encodeURIComponent(checked('metadata.name', at.name, isPathName(at.name))))
  if (at.subresource !== undefined) {
    if (at.name === undefined) throw invalid('subresource', at.subresource, 'a subresource needs the name of an object')
    parts.push(checked('subresource', at.subresource, subresourceName.test(at.subresource)))
  }
  return parts.join('/')
}

/** `/api/v1` or `/apis/GROUP/VERSION`. */
export function groupPath(group: string, version: string): string {
  checked('version', version, versionName.test(version))
  return group === '' ? `/api/${version}` : `/apis/${checked('group', group, groupName.test(group))}/${version}`
}

function isPathName(name: string): boolean {
  return name !== '' && name.length <= longestName && name !== '.' && name !== '..' && !neverInName.test(name)
}

/**
 * Refuses (`address.refused`) a path that comes from a request and could mean another one to the API server:
 * dot segments in any spelling, control characters, backslashes, a fragment, or one that is not absolute.
 */
export function checkRequestPath(path: string): string {
  const [withoutQuery = ''] = path.split('?', 1)
  const spelled = withoutQuery.replace(/%2e/gi, '.')
  const climbs = spelled.split(/\/|%2f|%5c/i).some((segment) => segment === '.' || segment === '..')
  // oxlint-disable-next-line no-control-regex -- control characters are what it refuses
  if (!path.startsWith('/') || path.startsWith('//') || climbs || /[\u0000-\u0020\u007f-\uffff\\#]/.test(path)) {
    throw new FlotillaError('address.refused', {
      message: 'Refused a path that could lead elsewhere on the API server.',
      remedy: 'Use an absolute path without dot segments, spaces, backslashes or a fragment; encode what is special.',
      field: 'path',
      value: path,
    })
  }
  return path
}

export type QueryValue = string | number | boolean | readonly string[] | undefined

/** `?a=1&b=2`, or nothing. Undefined values are left out, lists repeat the key. */
export function queryString(query: Readonly<Record<string, QueryValue>> | undefined): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue
    if (Array.isArray(value)) value.forEach((one) => params.append(key, one))
    else params.append(key, String(value))
  }
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

function checked(field: string, value: string, fine: boolean): string {
  if (!fine) throw invalid(field, value, `${JSON.stringify(value)} is not a name that Kubernetes takes`)
  return value
}

function invalid(field: string, value: string, why: string): FlotillaError {
  return new FlotillaError('input.invalid', {
    message: `Cannot address the object: ${why}.`,
    remedy: `Correct ${field}.`,
    field,
    value,
  })
}
