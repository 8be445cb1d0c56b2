import type { ClusterAuth, ClusterConnection } from './connection.ts'
import { flagOf, join, refused, selectContext, textOf, type Section } from './kubeconfig-document.ts'
import { checkCertificates, checkKeyPair, pemFromBase64 } from './pem.ts'

export interface KubeconfigOptions {
  /** Context to use; `current-context` when left out. */
  readonly context?: string | undefined
  /** Takes a server address that starts with http://. */
  readonly allowHttp?: boolean | undefined
  /** Takes insecure-skip-tls-verify. */
  readonly allowInsecureTls?: boolean | undefined
}

export interface ParsedKubeconfig {
  readonly connection: ClusterConnection
  readonly context: string
  readonly namespace: string | undefined
}

/**
 * Takes a kubeconfig of anybody, read as YAML. Runs nothing and reads no file: what would is refused
 * (`kubeconfig.refused`) with the field and the remedy. Only the selected context, its cluster and its user are looked at.
 */
export function parseKubeconfig(document: unknown, options: KubeconfigOptions = {}): ParsedKubeconfig {
  const { context, namespace, cluster, user } = selectContext(document, options.context)
  refuseFields(cluster, { ...neverInCluster, ...filesOfCluster }, clusterFields)
  refuseFields(user, { ...neverInUser, ...filesOfUser }, userFields)
  const connection = { ...connectionOf(cluster, options), ...caOf(cluster), auth: inlineAuth(user) }
  return { connection, context, namespace }
}

const inline = 'Put the content itself into the file: kubectl config view --minify --flatten --raw.'
const resolveToToken =
  'Programs are not run here. `flotilla cluster add` resolves it to a token on your machine, with your consent.'
const basic = 'Kubernetes no longer takes passwords; use a token or a client certificate.'
const ownImpersonation = 'Leave it out; Flotilla impersonates by itself.'

export const neverInCluster: Refusals = {
  'proxy-url': 'Leave it out; use a server address that can be reached directly, or the agent.',
}
export const neverInUser: Refusals = {
  exec: resolveToToken,
  'auth-provider': resolveToToken,
  username: basic,
  password: basic,
  as: ownImpersonation,
  'as-uid': ownImpersonation,
  'as-groups': ownImpersonation,
  'as-user-extra': ownImpersonation,
}
const filesOfCluster: Refusals = { 'certificate-authority': inline }
const filesOfUser: Refusals = { 'client-certificate': inline, 'client-key': inline, tokenFile: inline }

export const clusterFields = [
  'server',
  'certificate-authority-data',
  'tls-server-name',
  'insecure-skip-tls-verify',
  'disable-compression',
  'extensions',
]
export const userFields = ['client-certificate-data', 'client-key-data', 'token', 'extensions']

type Refusals = Readonly<Record<string, string>>

/** Refuses the fields that are listed with their remedy, and those that nobody knows. */
export function refuseFields({ path, fields }: Section, refusals: Refusals, allowed: readonly string[]): void {
  for (const field of fields.keys()) {
    const remedy = Object.hasOwn(refusals, field) ? refusals[field] : undefined
    if (remedy !== undefined) throw refused(join(path, field), 'it is not taken', remedy)
    if (!allowed.includes(field)) throw refused(join(path, field), 'it is not a field of a kubeconfig', 'Take it out.')
  }
}

/** Address and TLS settings of the cluster section. */
export function connectionOf(
  cluster: Section,
  options: KubeconfigOptions,
): Pick<ClusterConnection, 'server' | 'tlsServerName' | 'insecureSkipTlsVerify'> {
  const tlsServerName = textOf(cluster, 'tls-server-name')
  if (tlsServerName !== undefined && !/^[A-Za-z0-9.:_-]{1,253}$/.test(tlsServerName)) {
    throw refused(join(cluster.path, 'tls-server-name'), 'it is not a host name', 'Correct it, or take it out.')
  }
  const insecure = flagOf(cluster, 'insecure-skip-tls-verify')
  if (insecure && options.allowInsecureTls !== true) {
    throw refused(
      join(cluster.path, 'insecure-skip-tls-verify'),
      'anybody on the way could pose as the cluster',
      "Put the cluster's authority into certificate-authority-data instead.",
    )
  }
  return {
    server: serverOf(cluster, options.allowHttp === true),
    ...(tlsServerName !== undefined && { tlsServerName }),
    ...(insecure && { insecureSkipTlsVerify: true }),
  }
}

function serverOf(cluster: Section, allowHttp: boolean): string {
  const field = join(cluster.path, 'server')
  const text = textOf(cluster, 'server')
  const remedy = 'Give the address of the API server, such as https://203.0.113.7:6443.'
  if (text === undefined) throw refused(field, 'it is missing', remedy)
  const url = /^[\x21-\x7e]+$/.test(text) && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.hostname === '') throw refused(field, 'it is not an address', remedy)
  if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:')) {
    throw refused(field, 'it must start with https://', remedy)
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw refused(field, 'it may hold host, port and path only', remedy)
  }
  return url.href.replace(/\/+$/, '')
}

function caOf(cluster: Section): { caPem?: string } {
  const data = textOf(cluster, 'certificate-authority-data')
  if (data === undefined || data === '') return {}
  const field = join(cluster.path, 'certificate-authority-data')
  return { caPem: checkCertificates(field, pemFromBase64(field, data)) }
}

function inlineAuth(user: Section): ClusterAuth {
  const cert = textOf(user, 'client-certificate-data')
  const key = textOf(user, 'client-key-data')
  const fields = { cert: join(user.path, 'client-certificate-data'), key: join(user.path, 'client-key-data') }
  return authOf(user, {
    fields,
    token: textOf(user, 'token'),
    certPem: cert === undefined ? undefined : pemFromBase64(fields.cert, cert),
    keyPem: key === undefined ? undefined : pemFromBase64(fields.key, key),
  })
}

export interface Credentials {
  readonly fields: { cert: string; key: string }
  readonly token: string | undefined
  readonly certPem: string | undefined
  readonly keyPem: string | undefined
}

/** Exactly one way to sign in, complete and readable. */
export function authOf(user: Section, { fields, token, certPem, keyPem }: Credentials): ClusterAuth {
  if (token !== undefined && (certPem !== undefined || keyPem !== undefined)) {
    throw refused(join(user.path, 'token'), 'there is a client certificate too', 'Keep one of them.')
  }
  if (token !== undefined) {
    const checked = checkToken(join(user.path, 'token'), token)
    return { kind: 'token', token: () => checked }
  }
  if (certPem === undefined)
    throw refused(fields.cert, 'no credential is given', 'Give a client certificate or a token.')
  if (keyPem === undefined) throw refused(fields.key, 'it is missing', 'Give the key of the client certificate.')
  checkKeyPair(fields, certPem, keyPem)
  return { kind: 'certificate', certPem, keyPem }
}

export function checkToken(field: string, token: string): string {
  if (!/^[\x21-\x7e]{1,16384}$/.test(token)) {
    throw refused(field, 'it is not a token', 'Give the token alone, without spaces or line ends.')
  }
  return token
}
