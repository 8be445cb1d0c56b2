/**
 * The one catalogue of errors. A code is stable: clients and tests key on it, never on the sentence.
 * `next` is the decision that the error carries for whoever runs a loop:
 * - `reject`: the input is wrong; nothing will change until a person changes it.
 * - `retry`: the world was not ready; try again with back-off.
 * - `stop`: a person must decide before anything else happens.
 */
export type ErrorNext = 'reject' | 'retry' | 'stop'

interface CatalogueEntry {
  readonly status: number
  readonly next: ErrorNext
}

const reject = (status: number): CatalogueEntry => ({ status, next: 'reject' })
const retry = (status: number): CatalogueEntry => ({ status, next: 'retry' })
const stop = (status: number): CatalogueEntry => ({ status, next: 'stop' })

export const catalogue = {
  // input from people and tenants
  'input.invalid': reject(422),
  'input.yaml': reject(400),
  'input.too_large': reject(413),
  'request.not_found': reject(404),
  'request.conflict': reject(409),
  'request.csrf': reject(403),
  // somebody's word that would count at no step: its author's, or of one whom nobody asks
  'approval.void': reject(403),
  'auth.required': reject(401),
  'auth.failed': reject(401),
  'auth.locked': reject(429),
  'auth.forbidden': reject(403),
  // the answer of an identity provider is not what it should be
  'auth.refused': reject(401),
  'provider.unreachable': retry(502),
  // connections to clusters
  'kubeconfig.refused': reject(422),
  'address.refused': reject(422),
  'cluster.not_found': reject(404),
  'cluster.unreachable': retry(503),
  'cluster.timeout': retry(504),
  'cluster.unauthorized': retry(502),
  'cluster.breaker_open': retry(503),
  'kube.api': reject(502),
  'kube.not_found': reject(404),
  'kube.conflict': retry(409),
  'kube.forbidden': reject(403),
  'kube.invalid': reject(422),
  'kube.gone': retry(410),
  'kube.overloaded': retry(429),
  'kube.unavailable': retry(503),
  'kube.webhook': retry(503),
  'kube.kind_not_served': retry(404),
  'kube.group_unavailable': retry(503),
  // sources, charts, rendering
  'source.unreachable': retry(502),
  'source.not_found': reject(404),
  'source.unauthorized': reject(403),
  'source.refused': reject(422),
  'archive.refused': reject(422),
  'render.failed': reject(422),
  'render.schema': reject(422),
  'render.limit': reject(422),
  'render.worker': retry(503),
  'render.unstable': reject(422),
  'release.difference_slow': retry(504),
  // delivery
  'delivery.owned_by_other': stop(409),
  'delivery.object_refused': reject(422),
  'delivery.hook_failed': stop(422),
  'delivery.hook_timeout': stop(504),
  // nobody knows how a migration ended; a person has to say so
  'delivery.hook_uncertain': stop(409),
  // the same migration runs elsewhere
  'delivery.hook_waits': retry(409),
  'delivery.override_unmatched': stop(422),
  'delivery.stale_writer': retry(409),
  // storage
  'store.unavailable': retry(503),
  // this machine (the local fleet)
  'local.need_missing': reject(412),
  'local.build_failed': reject(500),
  'local.start_failed': retry(500),
  // between a client and the server
  'server.unreachable': retry(503),
  'server.busy': retry(503),
  internal: retry(500),
} as const satisfies Record<string, CatalogueEntry>

export type ErrorCode = keyof typeof catalogue

export interface ErrorDetail {
  /** What happened, in a sentence for the operator. Never holds a secret. */
  readonly message: string
  /** What the reader can do about it. */
  readonly remedy?: string | undefined
  /** Path of the field at fault, such as `spec.components[0].name`. */
  readonly field?: string | undefined
  /** The offending value, shortened; left out where it could be a secret. */
  readonly value?: string | undefined
  /** Seconds after which a retry makes sense, from Retry-After. */
  readonly retryAfter?: number | undefined
  readonly cause?: unknown
}

/** An error of the catalogue. `toJSON` is what the API sends: no stack, no cause. */
export class FlotillaError extends Error {
  readonly code: ErrorCode
  readonly remedy: string | undefined
  readonly field: string | undefined
  readonly value: string | undefined
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, detail: ErrorDetail) {
    super(detail.message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.name = 'FlotillaError'
    this.code = code
    this.remedy = detail.remedy
    this.field = detail.field
    this.value = detail.value === undefined ? undefined : shorten(detail.value)
    this.retryAfter = detail.retryAfter
  }

  get status(): number {
    return catalogue[this.code].status
  }

  get next(): ErrorNext {
    return catalogue[this.code].next
  }

  toJSON(): ErrorBody {
    const body: ErrorBody = { code: this.code, message: this.message }
    if (this.remedy !== undefined) body.remedy = this.remedy
    if (this.field !== undefined) body.field = this.field
    if (this.value !== undefined) body.value = this.value
    return body
  }
}

/** The body of every error answer of the API, under the key `error`. */
export interface ErrorBody {
  code: ErrorCode
  message: string
  remedy?: string
  field?: string
  value?: string
}

const longestShownValue = 120

function shorten(value: string): string {
  return value.length <= longestShownValue ? value : `${value.slice(0, longestShownValue)}…`
}

/** Turns anything thrown into an error of the catalogue; what is not one of ours becomes `internal`. */
export function asFlotillaError(thrown: unknown): FlotillaError {
  if (thrown instanceof FlotillaError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new FlotillaError('internal', { message, cause: thrown })
}
