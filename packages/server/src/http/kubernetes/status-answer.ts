import type { ErrorCode, FlotillaError } from '@flotilla/model'

/** Reasons by which kubectl and client-go know an error (metav1.StatusReason). */
const reasons: Partial<Record<ErrorCode, string>> = {
  'auth.required': 'Unauthorized',
  'auth.forbidden': 'Forbidden',
  'cluster.not_found': 'NotFound',
  'cluster.timeout': 'Timeout',
  'input.invalid': 'BadRequest',
  'address.refused': 'BadRequest',
  'server.busy': 'TooManyRequests',
}

/** The error as a Kubernetes API server would say it (metav1.Status), so that every client shows its words. */
export function kubeStatus(error: FlotillaError): { readonly code: number; readonly body: string } {
  // a client tries 429 again after a while, whoever it is
  const code = error.code === 'server.busy' ? 429 : error.code === 'input.invalid' ? 400 : error.status
  const reason = reasons[error.code] ?? (code >= 500 ? 'ServiceUnavailable' : 'BadRequest')
  const message = error.remedy === undefined ? error.message : `${error.message.replace(/\.$/, '')}. ${error.remedy}`
  const retry = error.retryAfter === undefined ? {} : { details: { retryAfterSeconds: error.retryAfter } }
  return {
    code,
    body: JSON.stringify({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `flotilla: ${message}`,
      reason,
      ...retry,
      code,
    }),
  }
}
