/** Of the network: whoever is asked for is not there yet, or not any more. */
const network = new Set([
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  // a Service whose pods are not ready has no name
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])

/** SQLSTATE (PostgreSQL, appendix A). Others are about what was asked for, or who asked. */
const states = new Set([
  '25006', // read_only_sql_transaction: a standby that is about to take over
  '25P03', // idle_in_transaction_session_timeout: this server stood still, and others went on
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '53200', // out_of_memory
  '53300', // too_many_connections
  '55P03', // lock_not_available
  '57014', // query_canceled: it waited too long, for a newer version that brings the tables up to date
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now: it starts, or ends
  '57P05', // idle_session_timeout
])
/** connection_exception */
const connectionClass = /^08...$/

/** What the client says without a code. */
const sentences =
  /^timeout expired$|^timeout exceeded when trying to connect$|^Connection terminated|^Query read timeout$|^Client has encountered a connection error|^There was an error establishing an SSL connection$/

/** Whether a failure of PostgreSQL, or of the way to it, is over some time later without anybody's doing. */
export function passesByItself(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  // each of several addresses that were tried says its own
  if (thrown instanceof AggregateError && thrown.errors.some(passesByItself)) return true
  const { code, syscall } = thrown as NodeJS.ErrnoException
  if (code === undefined) return sentences.test(thrown.message) || passesByItself(thrown.cause)
  if (code === 'ENOENT') return syscall === 'connect'
  return network.has(code) || states.has(code) || connectionClass.test(code)
}
