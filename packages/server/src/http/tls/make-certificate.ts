import { isIP } from 'node:net'
import { createHash, randomBytes, webcrypto } from 'node:crypto'

/** PEM texts. */
export interface KeyedCertificate {
  readonly cert: string
  readonly key: string
}

export interface CertificateWish {
  readonly commonName: string
  readonly days: number
  /** DNS names and addresses of a server; an authority has none. */
  readonly names?: readonly string[]
  /** Who signs it; itself when left out. */
  readonly authority?: KeyedCertificate
}

// Extensions of RFC 5280, section 4.2.1
const oid = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  commonName: '2.5.4.3',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const

const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const
const dayMs = 24 * 60 * 60_000
/** Clocks of clients are never exact. */
const earlierMs = 60 * 60_000

/** Makes an authority, or a server's certificate that one signs: P-256, valid from an hour ago. */
export async function makeCertificate(wish: CertificateWish, now: number): Promise<KeyedCertificate> {
  // loaded here only: a server that is given a certificate never makes one
  const [pki, asn1] = await Promise.all([import('pkijs'), import('asn1js')])
  pki.setEngine('node', new pki.CryptoEngine({ name: 'node', crypto: webcrypto }))
  const keys = await webcrypto.subtle.generateKey(curve, true, ['sign', 'verify'])
  const certificate = new pki.Certificate()
  const nameOf = (text: string) =>
    new pki.AttributeTypeAndValue({ type: oid.commonName, value: new asn1.Utf8String({ value: text }) })
  const extension = (id: string, critical: boolean, value: ArrayBuffer) =>
    new pki.Extension({ extnID: id, critical, extnValue: value })

  certificate.version = 2
  // 127 random bits: positive, and never used twice (CA/Browser Forum, section 7.1)
  const serial = randomBytes(16)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  certificate.serialNumber = new asn1.Integer({ valueHex: new Uint8Array(serial).buffer })
  certificate.notBefore.value = new Date(now - earlierMs)
  certificate.notAfter.value = new Date(now + wish.days * dayMs)
  certificate.subject.typesAndValues.push(nameOf(wish.commonName))
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey)

  const ownId = keyId(certificate.subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView)
  const isAuthority = wish.authority === undefined
  const usage = isAuthority ? /* keyCertSign, cRLSign */ 0x06 : /* digitalSignature */ 0x80
  certificate.extensions = [
    extension(
      oid.basicConstraints,
      true,
      new pki.BasicConstraints(isAuthority ? { cA: true, pathLenConstraint: 0 } : {}).toSchema().toBER(),
    ),
    extension(
      oid.keyUsage,
      true,
      new asn1.BitString({ valueHex: Uint8Array.of(usage).buffer, unusedBits: isAuthority ? 1 : 7 }).toBER(),
    ),
    extension(oid.subjectKeyIdentifier, false, new asn1.OctetString({ valueHex: ownId }).toBER()),
  ]
  let signer = keys.privateKey
  if (wish.authority === undefined) certificate.issuer = certificate.subject
  else {
    const authority = pki.Certificate.fromBER(bytesOf(wish.authority.cert))
    certificate.issuer = authority.subject
    signer = await webcrypto.subtle.importKey('pkcs8', bytesOf(wish.authority.key), curve, false, ['sign'])
    const authorityId = keyId(authority.subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView)
    const identifier = new pki.AuthorityKeyIdentifier({
      keyIdentifier: new asn1.OctetString({ valueHex: authorityId }),
    })
    const altNames = (wish.names ?? []).map((name) =>
      isIP(name) === 0
        ? new pki.GeneralName({ type: 2, value: name })
        : new pki.GeneralName({ type: 7, value: new asn1.OctetString({ valueHex: addressBytes(name) }) }),
    )
    certificate.extensions.push(
      extension(oid.authorityKeyIdentifier, false, identifier.toSchema().toBER()),
      extension(oid.subjectAltName, false, new pki.GeneralNames({ names: altNames }).toSchema().toBER()),
      extension(oid.extendedKeyUsage, false, new pki.ExtKeyUsage({ keyPurposes: [oid.serverAuth] }).toSchema().toBER()),
    )
  }
  await certificate.sign(signer, 'SHA-256')
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    cert: pem('CERTIFICATE', certificate.toSchema(true).toBER()),
    key: pem('PRIVATE KEY', pkcs8),
  }
}

/** RFC 5280, section 4.2.1.2, method 1. */
function keyId(publicKey: Uint8Array): ArrayBuffer {
  return new Uint8Array(createHash('sha1').update(publicKey).digest()).buffer
}

/** 4 or 16 bytes in network order, as a SAN has them. */
function addressBytes(address: string): ArrayBuffer {
  if (isIP(address) === 4) return Uint8Array.from(address.split('.'), Number).buffer
  // the last two groups may be written as IPv4 (RFC 4291, section 2.2)
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number)
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const [left = '', right] = plain.split('::')
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const [head, tail] = [groups(left), groups(right ?? '')]
  const all = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail]
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff])).buffer
}

function bytesOf(text: string): ArrayBuffer {
  return new Uint8Array(Buffer.from(text.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')).buffer
}

function pem(label: string, bytes: ArrayBuffer): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
