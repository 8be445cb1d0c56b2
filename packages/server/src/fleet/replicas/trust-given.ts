import { X509Certificate } from 'node:crypto'
import type { Clock } from '@flotilla/kube'
import type { CertificateSource } from '../../http/tls/keep-renewed.ts'
import type { PeerTrust } from './relayed-tunnel.ts'

/** How long others may still show the certificate from before a renewal: each takes the new one up within a minute. */
const rolloverMs = 600_000

/**
 * Servers that were given a certificate are all given the same one, so each knows the others by its own. It is read anew for
 * each connection; the one before is good for a while after a renewal.
 */
export function trustGiven(source: CertificateSource, clock: Pick<Clock, 'elapsed'>): () => Promise<PeerTrust> {
  let now = leafOf(source.certificate.cert) ?? source.certificate.cert
  let before: { readonly leaf: string; readonly until: number } | undefined
  return async () => {
    // while the files are written they may be away, or half there, for a moment
    const leaf = await source.renew().then(
      ({ cert }) => leafOf(cert) ?? now,
      () => now,
    )
    if (leaf !== now) {
      before = { leaf: now, until: clock.elapsed() + rolloverMs }
      now = leaf
    }
    return { certificates: before !== undefined && clock.elapsed() < before.until ? [now, before.leaf] : [now] }
  }
}

/** The first certificate of a PEM file is the server's; who vouches for it comes after (RFC 8446, section 4.4.2). */
function leafOf(pem: string): string | undefined {
  try {
    return new X509Certificate(pem).toString()
  } catch {
    return undefined
  }
}
