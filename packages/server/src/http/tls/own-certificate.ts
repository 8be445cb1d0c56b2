import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { KubeClient } from '@flotilla/kube'
import { asFlotillaError, fieldManager, type KubeObject, labels, systemNamespace } from '@flotilla/model'
import { type KeyedCertificate, makeCertificate } from './make-certificate.ts'

/** What a server presents that was given no certificate, and the authority by which clients know it. */
export interface OwnCertificate extends KeyedCertificate {
  /** PEM of the authority; it stays the same for as long as the host does, and is what clients pin. */
  readonly ca: string
}

/** In every certificate of the server's own: clients that pin the authority ask for this name, whatever the address. */
export const ownServerName = 'flotilla'

const secret = { group: '', version: 'v1', kind: 'Secret', namespace: systemNamespace, name: 'flotilla-server-tls' }
const authorityDays = 3650
const serverDays = 397
const renewBeforeMs = 60 * 24 * 60 * 60_000

/**
 * The server's own certificate from its Secret in the host, where every replica finds the same. Made when there is
 * none; the server's part is made anew when it ends soon, is damaged, or lacks one of the names.
 */
export async function ensureOwnCertificate(options: {
  readonly host: KubeClient
  readonly names: readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly signal: AbortSignal
}): Promise<OwnCertificate> {
  const { host, now, signal } = options
  const names = [...new Set([ownServerName, 'localhost', '127.0.0.1', '::1', ...options.names])]
  const found = await host.find(secret, { signal })
  const kept = readParts(found)
  const authority =
    kept.authority !== undefined && isUsable(kept.authority, now, [])
      ? kept.authority
      : await makeCertificate({ commonName: 'Flotilla', days: authorityDays }, now)
  const isKept = authority === kept.authority
  if (isKept && kept.server !== undefined && isUsable(kept.server, now, names) && signs(authority, kept.server))
    return { ...kept.server, ca: authority.cert }
  const server = await makeCertificate({ commonName: ownServerName, days: serverDays, names, authority }, now)
  const object = secretObject(authority, server)
  try {
    const version = found?.metadata.resourceVersion
    await (version === undefined
      ? host.create(object, { fieldManager, signal })
      : host.update(
          { ...object, metadata: { ...object.metadata, resourceVersion: version } },
          { fieldManager, signal },
        ))
  } catch (thrown) {
    // another replica was first: what it wrote counts
    if (asFlotillaError(thrown).code === 'kube.conflict') return await ensureOwnCertificate(options)
    throw thrown
  }
  return { ...server, ca: authority.cert }
}

const encode = (text: string): string => Buffer.from(text).toString('base64')

function secretObject(authority: KeyedCertificate, server: KeyedCertificate): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secret.name, namespace: secret.namespace, labels: { [labels.managed]: 'server-tls' } },
    type: 'kubernetes.io/tls',
    data: {
      'ca.crt': encode(authority.cert),
      'ca.key': encode(authority.key),
      'tls.crt': encode(server.cert),
      'tls.key': encode(server.key),
    },
  }
}

function readParts(found: KubeObject | undefined): {
  authority: KeyedCertificate | undefined
  server: KeyedCertificate | undefined
} {
  const held = (found?.['data'] ?? {}) as Partial<Record<string, string>>
  const text = (key: string): string => Buffer.from(held[key] ?? '', 'base64').toString()
  const pair = (certKey: string, key: string): KeyedCertificate | undefined =>
    held[certKey] === undefined || held[key] === undefined ? undefined : { cert: text(certKey), key: text(key) }
  return { authority: pair('ca.crt', 'ca.key'), server: pair('tls.crt', 'tls.key') }
}

function isUsable({ cert, key }: KeyedCertificate, now: number, names: readonly string[]): boolean {
  try {
    const read = new X509Certificate(cert)
    const has = (name: string) =>
      (name.includes(':') || /^[\d.]+$/.test(name) ? read.checkIP(name) : read.checkHost(name)) !== undefined
    if (!read.checkPrivateKey(createPrivateKey(key))) return false
    return Date.parse(read.validTo) - renewBeforeMs > now && names.every(has)
  } catch {
    return false
  }
}

function signs(authority: KeyedCertificate, server: KeyedCertificate): boolean {
  const read = new X509Certificate(server.cert)
  return read.verify(new X509Certificate(authority.cert).publicKey)
}
