import { connectionOf } from './connection-of.ts'
import type { FaultProxy } from './fault-proxy.ts'

/** The same identity at another address, as text. */
export function kubeconfigThrough(
  { connection: { server, caPem = '' } }: Pick<FaultProxy, 'connection'>,
  from: string,
): string {
  const { auth } = connectionOf(from)
  if (auth.kind !== 'certificate') throw new Error('the fleet gives certificates')
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'host', cluster: { server, 'certificate-authority-data': base64(caPem) } }],
    users: [
      {
        name: 'admin',
        user: { 'client-certificate-data': base64(auth.certPem), 'client-key-data': base64(auth.keyPem) },
      },
    ],
    contexts: [{ name: 'host', context: { cluster: 'host', user: 'admin' } }],
    'current-context': 'host',
  })
}
