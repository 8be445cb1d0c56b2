import { FlotillaError, type ErrorCode, type ErrorDetail } from '@flotilla/model'

/** One reason within an answer of the API server, such as a field at fault or a manager in conflict. */
export interface StatusCause {
  readonly reason: string
  readonly message: string
  readonly field: string
}

/** An API server's refusal. `reason` is Kubernetes' own word (`AlreadyExists`, `Conflict`, `Expired` ...). */
export class KubeError extends FlotillaError {
  readonly reason: string
  readonly httpStatus: number
  readonly causes: readonly StatusCause[]

  constructor(
    code: ErrorCode,
    detail: ErrorDetail & { reason: string; httpStatus: number; causes: readonly StatusCause[] },
  ) {
    super(code, detail)
    this.reason = detail.reason
    this.httpStatus = detail.httpStatus
    this.causes = detail.causes
  }
}
