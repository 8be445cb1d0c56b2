import { createPrivateKey, X509Certificate } from 'node:crypto'
import { refused } from './kubeconfig-document.ts'

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g
const mostCertificates = 300

/** PEM from the base64 of a `...-data` field. */
export function pemFromBase64(field: string, data: string): string {
  const compact = data.replace(/\s+/g, '')
  if (compact === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) {
    throw refused(
      field,
      'it is not base64',
      'Give the PEM file in base64, as kubectl config view --flatten --raw does.',
    )
  }
  return Buffer.from(compact, 'base64').toString('utf8')
}

/** Refuses PEM without a certificate that can be read. */
export function checkCertificates(field: string, pem: string): string {
  const blocks = pem.match(certificateBlock) ?? []
  if (blocks.length === 0) throw refused(field, 'it holds no certificate', 'Give one or more certificates in PEM.')
  if (blocks.length > mostCertificates)
    throw refused(field, 'it holds too many certificates', "Give the cluster's own only.")
  try {
    for (const block of blocks) void new X509Certificate(block)
  } catch {
    throw refused(field, 'it holds a certificate that cannot be read', 'Copy the certificate again, whole.')
  }
  return pem
}

/** Refuses a key that cannot be read or that does not belong to the certificate. */
export function checkKeyPair(fields: { cert: string; key: string }, certPem: string, keyPem: string): void {
  checkCertificates(fields.cert, certPem)
  let matches: boolean
  try {
    const [leaf] = certPem.match(certificateBlock) ?? []
    matches = new X509Certificate(leaf ?? '').checkPrivateKey(createPrivateKey(keyPem))
  } catch {
    throw refused(fields.key, 'it is not a private key that can be read', 'Give the key in PEM, without a passphrase.')
  }
  if (!matches)
    throw refused(fields.key, 'it does not belong to the client certificate', 'Give the pair that belongs together.')
}
