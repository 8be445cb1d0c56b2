import { asFlotillaError, FlotillaError, type ErrorCode } from '@flotilla/model'

interface Meaning {
  code: ErrorCode
  what: string
  remedy: string
}

const untrusted: Omit<Meaning, 'code'> = {
  what: 'its certificate is signed by an authority that is not known here',
  remedy: "Put the cluster's own authority into certificate-authority-data; do not switch verification off.",
}
const clientCertificateRefused: Meaning = {
  code: 'cluster.unauthorized',
  what: 'it refused our client certificate',
  remedy: "Renew the client certificate and have it signed by the cluster's client authority.",
}
const cut: Omit<Meaning, 'code'> = {
  what: 'the connection was cut',
  remedy: 'It is tried again by itself. If it persists, look at the API server and at proxies or firewalls on the way.',
}
const noTls: Omit<Meaning, 'code'> = {
  what: 'what listens there does not speak TLS',
  remedy: 'Check host and port of the server address: it must be the API server itself.',
}
const noRoute: Omit<Meaning, 'code'> = {
  what: 'there is no route to it',
  remedy: 'Check the network between here and the cluster (VPN, routes, firewall).',
}

/** What each failure of TCP, DNS, TLS or HTTP means to the operator. Keys are Node's and undici's codes. */
const meanings: Readonly<Record<string, Omit<Meaning, 'code'> & { code?: ErrorCode }>> = {
  ECONNREFUSED: {
    what: 'nothing listens there (connection refused)',
    remedy: 'Check that the API server runs and that the port of the server address is right.',
  },
  ENOTFOUND: {
    what: 'its name does not resolve',
    remedy: 'Check the host name of the server address, and the DNS of the machine that runs Flotilla.',
  },
  EAI_AGAIN: {
    what: 'DNS did not answer for its name',
    remedy: 'Check the DNS of the machine that runs Flotilla.',
  },
  EHOSTUNREACH: noRoute,
  ENETUNREACH: noRoute,
  EHOSTDOWN: noRoute,
  EACCES: {
    what: 'its agent leads to its own API server only',
    remedy: 'Bring the agent to the version of this server.',
  },
  EAGAIN: {
    what: 'the tunnel of its agent has as many connections as it may have',
    remedy: 'End watches, port-forwards or copies that are no longer needed.',
  },
  ETIMEDOUT: {
    what: 'it does not accept the connection (nothing answers)',
    remedy: 'A firewall may drop the packets: allow this machine to reach the API server on its port.',
  },
  ECONNRESET: cut,
  ECONNABORTED: cut,
  EPIPE: cut,
  ERR_HTTP2_STREAM_ERROR: cut,
  ERR_HTTP2_STREAM_CANCEL: cut,
  ERR_HTTP2_INVALID_STREAM: cut,
  UND_ERR_SOCKET: cut,
  UND_ERR_DESTROYED: cut,
  UND_ERR_CLOSED: cut,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: cut,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  CERT_HAS_EXPIRED: {
    what: 'its certificate has expired',
    remedy: "Renew the API server's certificate, or correct the clock of this machine.",
  },
  CERT_NOT_YET_VALID: {
    what: 'its certificate is not valid yet',
    remedy: 'Compare the clocks of this machine and of the cluster.',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    what: 'its certificate is for another name',
    remedy: 'Use a name of the certificate in the server address, or set tls-server-name.',
  },
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  EPROTO: noTls,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: clientCertificateRefused,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: clientCertificateRefused,

  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: clientCertificateRefused,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: clientCertificateRefused,
}

/** An error below HTTP as one of the catalogue, naming the cluster and what to check. */
export function transportError(thrown: unknown, cluster: { name: string; server: string }): FlotillaError {
  if (thrown instanceof FlotillaError) return thrown
  const code = codeOf(thrown)
  if (code === undefined) return asFlotillaError(thrown)
  const meaning: Partial<Meaning> & Omit<Meaning, 'code'> = meanings[code] ?? unforeseen(code)
  return new FlotillaError(meaning.code ?? 'cluster.unreachable', {
    message: `Cluster ${cluster.name} cannot be reached at ${cluster.server}: ${meaning.what}.`,
    remedy: meaning.remedy,
    cause: thrown,
  })
}

function unforeseen(code: string): Omit<Meaning, 'code'> {
  if (code.startsWith('HPE_') || code === 'UND_ERR_HTTP_PARSER') {
    return { what: 'what answers there does not speak HTTP as the API server does', remedy: noTls.remedy }
  }
  if (code.startsWith('ERR_SSL_'))
    return { what: `TLS failed (${code})`, remedy: 'Check the TLS versions on both sides.' }
  return { what: `the connection failed (${code})`, remedy: cut.remedy }
}

/** The innermost code that says something: errors of several attempts and of undici wrap the real one. */
function codeOf(thrown: unknown): string | undefined {
  if (thrown instanceof AggregateError) return codeOf(thrown.errors[0])
  if (!(thrown instanceof Error)) return undefined
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
  if (code !== undefined && code in meanings) return code
  return (thrown.cause instanceof Error ? codeOf(thrown.cause) : undefined) ?? code
}

export interface TimeoutContext {
  readonly cluster: string
  readonly method: string
  readonly path: string
  readonly timeoutMs: number
  /** What it was doing when time ran out. */
  readonly phase: 'waiting for its turn' | 'waiting to try again' | 'waiting for the answer' | 'reading the answer'
}

export function timeoutError(context: TimeoutContext): FlotillaError {
  const seconds = context.timeoutMs / 1000
  const own = context.phase === 'waiting for its turn'
  return new FlotillaError('cluster.timeout', {
    message: `Cluster ${context.cluster} did not answer ${context.method} ${context.path} within ${seconds} s (${context.phase}).`,
    remedy: own
      ? 'Too many requests to this cluster are under way: it answers too slowly for what is asked of it.'
      : 'Check the load of the API server and the network to it. A change may or may not have been made: look before repeating it.',
  })
}
