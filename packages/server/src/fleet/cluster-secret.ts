import type { ClusterAuth } from '@flotilla/kube'
import { type KubeObject, labels, systemNamespace } from '@flotilla/model'

/** How the platform proves itself to a member: the content of the Secret `cluster-<name>`. */
export type MemberCredential = {
  readonly caPem?: string | undefined
  /** The name in the API server's certificate, where an agent said it. */
  readonly serverName?: string | undefined
} & ({ readonly token: string } | { readonly certPem: string; readonly keyPem: string })

export const clusterSecretName = (cluster: string): string => `cluster-${cluster}`

export function clusterSecret(cluster: string, credential: MemberCredential): KubeObject {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: clusterSecretName(cluster),
      namespace: systemNamespace,
      labels: { [labels.managed]: 'cluster', [labels.cluster]: cluster },
    },
    type: 'Opaque',
    data: {
      ...(credential.caPem === undefined ? {} : { 'ca.crt': base64(credential.caPem) }),
      ...('token' in credential
        ? { token: base64(credential.token) }
        : { 'tls.crt': base64(credential.certPem), 'tls.key': base64(credential.keyPem) }),
    },
  }
}

/** Undefined when the Secret holds no complete credential. */
export function parseClusterSecret(secret: KubeObject): MemberCredential | undefined {
  const content = secret['data']
  if (typeof content !== 'object' || content === null) return undefined
  const text = (key: string): string | undefined => {
    const value: unknown = Reflect.get(content, key)
    if (typeof value !== 'string' || value === '') return undefined
    return Buffer.from(value, 'base64').toString().trim()
  }
  const caPem = text('ca.crt')
  const token = text('token')
  const certPem = text('tls.crt')
  const keyPem = text('tls.key')
  if (token !== undefined && /^[\x21-\x7e]+$/.test(token)) return { caPem, token }
  if (certPem !== undefined && keyPem !== undefined) return { caPem, certPem, keyPem }
  return undefined
}

/** `token` is asked at each request, so that a rotated one is used without a new connection. */
export function authOf(credential: MemberCredential, currentToken: () => string): ClusterAuth {
  return 'token' in credential
    ? { kind: 'token', token: currentToken }
    : { kind: 'certificate', certPem: credential.certPem, keyPem: credential.keyPem }
}
