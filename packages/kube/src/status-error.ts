import type { ErrorCode } from '@flotilla/model'
import { KubeError, type StatusCause } from './kube-error.ts'

export interface StatusContext {
  readonly cluster: string
  readonly method: string
  readonly path: string
  readonly retryAfter?: number | undefined
}

interface Status {
  message: string
  reason: string
  code: number
  causes: StatusCause[]
  retryAfterSeconds: number | undefined
}

const longestMessage = 1500

/** Turns an answer of 400 or above, a Kubernetes Status or anything else, into an error of the catalogue. */
export function statusError(httpStatus: number, body: unknown, context: StatusContext): KubeError {
  const status = parseStatus(httpStatus, body)
  const { code, remedy } = meaningOf500(status) ?? meaning(status.code)
  const field = status.causes.find((cause) => cause.field !== '')?.field
  return new KubeError(code, {
    message: `Cluster ${context.cluster}: ${sentence(status, context)}`,
    remedy,
    field,
    retryAfter: context.retryAfter ?? status.retryAfterSeconds,
    reason: status.reason,
    httpStatus: status.code,
    causes: touchesSecrets(context.path) ? status.causes.map(withoutMessage) : status.causes,
  })
}

function sentence(status: Status, { method, path }: StatusContext): string {
  if (touchesSecrets(path) && (status.code === 400 || status.code === 409 || status.code >= 422)) {
    const fields = status.causes.map((cause) => cause.field).filter((field) => field !== '')
    const where = fields.length === 0 ? '' : ` at ${fields.join(', ')}`
    return `the Secret was refused (${status.reason || status.code})${where}; the server's words are left out, as they could quote it.`
  }
  if (status.message === '') return `the API server answered ${status.code} to ${method} ${path}.`
  return status.message.length <= longestMessage ? status.message : `${status.message.slice(0, longestMessage)}…`
}

/** The API server may quote a wrong value in its answer, which must not be shown when the value is a secret. */
function touchesSecrets(path: string): boolean {
  return /^\/api\/v1\/(?:namespaces\/[^/]+\/)?secrets(?:[/?]|$)/.test(path)
}

const withoutMessage = (cause: StatusCause): StatusCause => ({ ...cause, message: '' })

const notTyped = /failed to create typed patch object/
const webhook = /failed (?:calling|to call) webhook|conversion webhook for .{1,300} failed/s

/** Some answers of 500 say nothing about the API server: the object, or somebody's webhook, is at fault. */
function meaningOf500({ code, message }: Status): { code: ErrorCode; remedy: string } | undefined {
  if (code !== 500) return undefined
  if (notTyped.test(message)) {
    return {
      code: 'kube.invalid',
      remedy: 'Correct the named field: `kubectl explain` shows what the kind takes, and a list has each key once.',
    }
  }
  if (webhook.test(message)) {
    return {
      code: 'kube.webhook',
      remedy: 'Look at the pods and the certificate of the webhook, or remove its configuration from the cluster.',
    }
  }
  return undefined
}

function meaning(status: number): { code: ErrorCode; remedy?: string } {
  switch (status) {
    case 400:
    case 422:
      return { code: 'kube.invalid', remedy: 'Correct the named field; `kubectl explain` shows what the kind takes.' }
    case 401:
      return {
        code: 'cluster.unauthorized',
        remedy: 'The credential of this cluster is not (or no longer) valid there: renew its token or certificate.',
      }
    case 403:
      return { code: 'kube.forbidden', remedy: 'Ask for a role in this cluster that allows it.' }
    case 404:
      return { code: 'kube.not_found' }
    case 409:
      return { code: 'kube.conflict', remedy: 'Read the object again and repeat the change on what it is now.' }
    case 410:
      return { code: 'kube.gone', remedy: 'List again; the server no longer keeps that version.' }
    case 413:
      return {
        code: 'input.too_large',
        remedy: 'Make the object smaller; Kubernetes keeps objects up to about 1.5 MB.',
      }
    case 429:
      return {
        code: 'kube.overloaded',
        remedy: 'It is tried again by itself, after the time that the server asks for.',
      }
    default:
      return status >= 500
        ? { code: 'kube.unavailable', remedy: 'If it persists, look at the API server, its webhooks and its etcd.' }
        : { code: 'kube.api' }
  }
}

function parseStatus(httpStatus: number, body: unknown): Status {
  if (typeof body === 'string') return { ...blank(httpStatus), message: firstLine(body) }
  if (typeof body !== 'object' || body === null || !('kind' in body) || body.kind !== 'Status') return blank(httpStatus)
  const { message, reason, code, details } = body as Record<string, unknown>
  const extra = typeof details === 'object' && details !== null ? (details as Record<string, unknown>) : {}
  return {
    message: text(message),
    reason: text(reason),
    code: typeof code === 'number' && code >= 400 && code < 600 ? code : httpStatus,
    causes: Array.isArray(extra['causes']) ? extra['causes'].slice(0, 50).map(parseCause) : [],
    retryAfterSeconds: typeof extra['retryAfterSeconds'] === 'number' ? extra['retryAfterSeconds'] : undefined,
  }
}

const blank = (code: number): Status => ({ message: '', reason: '', code, causes: [], retryAfterSeconds: undefined })

function parseCause(raw: unknown): StatusCause {
  const cause = typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>) : {}
  return { reason: text(cause['reason']), message: text(cause['message']), field: text(cause['field']) }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** A proxy or a load balancer may answer with a page; its first line has to do, unless it is markup. */
function firstLine(body: string): string {
  const line = body.trim().split('\n', 1)[0] ?? ''
  return line.startsWith('<') ? '' : line.slice(0, 200)
}
