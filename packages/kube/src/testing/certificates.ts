import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

/** A certificate made for a test, with its key. */
export interface TestCertificate {
  readonly certPem: string
  readonly keyPem: string
  readonly name: string
  readonly key: KeyObject
}

export interface CertificateOptions {
  readonly name: string
  /** Self-signed when left out. */
  readonly issuer?: TestCertificate
  readonly dnsNames?: readonly string[]
  readonly ipAddresses?: readonly string[]
  readonly notBefore?: Date
  readonly notAfter?: Date
}

const day = 24 * 3600_000

/** Signs a certificate on P-256, with just what TLS needs (X.509 v3 in DER, RFC 5280). */
export function createTestCertificate(options: CertificateOptions): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const notBefore = options.notBefore ?? new Date(Date.now() - day)
  const notAfter = options.notAfter ?? new Date(Date.now() + day)
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    commonName(options.issuer?.name ?? options.name),
    sequence(utcTime(notBefore), utcTime(notAfter)),
    commonName(options.name),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, extensions(options)),
  )
  const signature = sign('sha256', body, options.issuer?.key ?? privateKey)
  const der = sequence(body, ecdsaWithSha256, tlv(0x03, Buffer.concat([Buffer.from([0]), signature])))
  return {
    certPem: pem('CERTIFICATE', der),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    name: options.name,
    key: privateKey,
  }
}

function extensions({ issuer, dnsNames = [], ipAddresses = [] }: CertificateOptions): Buffer {
  const all: Buffer[] = []
  const isAuthority = issuer === undefined && dnsNames.length === 0 && ipAddresses.length === 0
  if (isAuthority) {
    const basicConstraints = sequence(tlv(0x01, Buffer.from([0xff])))
    all.push(sequence(oid('551d13'), tlv(0x01, Buffer.from([0xff])), tlv(0x04, basicConstraints)))
  }
  const names = [
    ...dnsNames.map((name) => tlv(0x82, Buffer.from(name, 'ascii'))),
    ...ipAddresses.map((address) => tlv(0x87, Buffer.from(address.split('.').map(Number)))),
  ]
  if (names.length > 0) all.push(sequence(oid('551d11'), tlv(0x04, sequence(...names))))
  return sequence(...all)
}

const oid = (hex: string): Buffer => tlv(0x06, Buffer.from(hex, 'hex'))
const sequence = (...parts: Buffer[]): Buffer => tlv(0x30, Buffer.concat(parts))
const explicit = (tag: number, content: Buffer): Buffer => tlv(0xa0 + tag, content)
const integer = (bytes: Buffer): Buffer => tlv(0x02, bytes)
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'))

function commonName(name: string): Buffer {
  return sequence(tlv(0x31, sequence(oid('550403'), tlv(0x0c, Buffer.from(name, 'utf8')))))
}

function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/\D/g, '').slice(2, 14)
  return tlv(0x17, Buffer.from(`${digits}Z`, 'ascii'))
}

function tlv(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, Math.floor(length / 0x100), length % 0x100]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
