import { hidden, isSecretOption, maskText } from './mask-text.ts'

/** What a request to an API server asks for, as Kubernetes' own authorizer reads it (k8s.io/apiserver RequestInfo). */
export interface KubeRequest {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string | undefined
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly query: URLSearchParams
}

/** `never`: reading. `before`: privileged. `around`: it lasts, so that its beginning is a record, too. */
export type KubeAuditTime = 'never' | 'after' | 'before' | 'around'

const lasting = new Set(['exec', 'attach', 'portforward', 'proxy'])
const grants = /^(?:cluster)?role(?:binding)?s$/
/** Of Flotilla's kinds in the host: people, who vouches for them, what is granted to them, clusters and their credentials. */
const privilegedKinds = new Set(['users', 'memberships', 'clusters', 'identityproviders'])
/** Questions to an API server that are put as objects. */
const questions =
  /^(?:self)?subject(?:access|rules)reviews$|^localsubjectaccessreviews$|^selfsubjectreviews$|^tokenreviews$/

/** Undefined for what is no resource, such as /version. */
export function parseKubeRequest(method: string, address: string): KubeRequest | undefined {
  const at = address.indexOf('?')
  const query = new URLSearchParams(at < 0 ? '' : address.slice(at + 1))
  const parts = decoded(at < 0 ? address : address.slice(0, at))
    .split('/')
    .filter((part) => part !== '')
  const [root, first] = parts
  const prefix = root === 'api' && first !== undefined ? 2 : root === 'apis' && parts.length > 3 ? 3 : 0
  if (prefix === 0) return undefined
  const group = root === 'apis' ? (first ?? '') : ''
  let rest = parts.slice(prefix)
  // old addresses say the verb in the path
  const old = rest[0] === 'watch' || rest[0] === 'proxy' ? rest[0] : undefined
  if (old !== undefined) rest = rest.slice(1)
  let namespace: string | undefined
  if (rest[0] === 'namespaces' && rest[1] !== undefined) {
    namespace = rest[1]
    if (rest[2] !== undefined && rest[2] !== 'status' && rest[2] !== 'finalize') rest = rest.slice(2)
  }
  const [resource, name, subresource] = rest
  if (resource === undefined) return undefined
  return {
    verb: verbOf(method, { name, watches: old === 'watch' || truthy(query.get('watch')) }),
    group,
    resource,
    subresource: old === 'proxy' ? 'proxy' : subresource,
    namespace,
    name,
    query,
  }
}

function verbOf(method: string, { name, watches }: { name: string | undefined; watches: boolean }): string {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return watches ? 'watch' : name === undefined ? 'list' : 'get'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete'
    default:
      return method.toLowerCase()
  }
}

/** When a request is written down. `upgrades`: it leads to a connection of its own, such as into a virtual machine. */
export function auditTimeOfKube(
  method: string,
  request: KubeRequest | undefined,
  { upgrades = false }: { readonly upgrades?: boolean } = {},
): KubeAuditTime {
  const time = timeOf(method, request)
  const onlyReads = request?.verb === 'watch' || request?.subresource === 'log'
  return time === 'never' && upgrades && !onlyReads ? 'around' : time
}

function timeOf(method: string, request: KubeRequest | undefined): KubeAuditTime {
  const reads = method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
  if (request === undefined) return reads ? 'never' : 'after'
  const { group, resource, subresource, verb } = request
  if (subresource !== undefined && lasting.has(subresource)) return 'around'
  if (reads) {
    if (resource !== 'secrets' || group !== '') return 'never'
    return verb === 'watch' ? 'around' : 'after'
  }
  if (questions.test(resource)) return 'never'
  if (verb === 'delete' || verb === 'deletecollection' || subresource === 'eviction') return 'before'
  if (group === 'rbac.authorization.k8s.io' && grants.test(resource)) return 'before'
  if (group === 'flotilla.dev' && privilegedKinds.has(resource)) return 'before'
  if (resource === 'serviceaccounts' && subresource === 'token') return 'before'
  return 'after'
}

const longestCommand = 2_000

/** What of the query says what was done: the command of an exec, and whether it was tried only. */
export function detailsOfKube({ query, subresource, verb }: KubeRequest): Record<string, string | boolean> {
  const command = query
    .getAll('command')
    // --password hunter2
    .map((word, at, all) => (isSecretOption(all[at - 1]) ? hidden : maskText(word)))
    .join(' ')
  const container = query.get('container')
  const selector = query.get('labelSelector')
  return {
    ...(subresource === 'exec' && command !== '' ? { command: command.slice(0, longestCommand) } : {}),
    ...(container === null ? {} : { container: maskText(container) }),
    ...(verb === 'deletecollection' && selector !== null ? { labelSelector: maskText(selector) } : {}),
    ...(query.has('dryRun') ? { dryRun: true } : {}),
  }
}

const truthy = (text: string | null): boolean => text !== null && text !== 'false' && text !== '0'

/**
 * As an API server reads a path: decoded first, then divided, so that pods%2Fweb%2Fexec is an exec. Only what is ASCII
 * has a meaning there; the rest, which may be no text, stays as it is.
 */
const decoded = (path: string): string =>
  path.replaceAll(/%([0-7][0-9a-f])/gi, (_whole, hex: string) => String.fromCharCode(parseInt(hex, 16)))
