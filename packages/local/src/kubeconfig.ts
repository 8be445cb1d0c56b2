import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { stringify } from 'yaml'

/** One user's way into one cluster, with the keys inside. */
export interface KubeAccess {
  readonly cluster: string
  readonly server: string
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** Reads what `keeper pki` wrote for a client certificate. */
export async function readAccess(pki: string, name: string, cluster: string, server: string): Promise<KubeAccess> {
  const read = (file: string) => readFile(path.join(pki, file), 'utf8')
  const [ca, cert, key] = await Promise.all([read('ca.crt'), read(`${name}.crt`), read(`${name}.key`)])
  return { cluster, server, ca, cert, key }
}

/** A kubeconfig with one context per access, named after its cluster; the first is the current one. */
export function renderKubeconfig(accesses: readonly KubeAccess[]): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': accesses[0]?.cluster ?? '',
      clusters: accesses.map(({ cluster, server, ca }) => ({
        name: cluster,
        cluster: { server, 'certificate-authority-data': base64(ca) },
      })),
      users: accesses.map(({ cluster, cert, key }) => ({
        name: `${cluster}-admin`,
        user: { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) },
      })),
      contexts: accesses.map(({ cluster }) => ({ name: cluster, context: { cluster, user: `${cluster}-admin` } })),
    },
    { lineWidth: 0 },
  )
}
