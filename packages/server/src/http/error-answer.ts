import { randomUUID } from 'node:crypto'
import type { Log } from '@flotilla/engine'
import { FlotillaError } from '@flotilla/model'

/** Fastify's own errors that a caller can cause, in our words. */
const ofFastify: Record<string, (message: string) => FlotillaError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () =>
    new FlotillaError('input.too_large', { message: 'The body is larger than this route takes' }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new FlotillaError('input.invalid', {
      message: 'The body has a type that this route does not take',
      field: 'content-type',
      remedy: 'Send application/json',
    }),
  FST_ERR_CTP_EMPTY_JSON_BODY: () =>
    new FlotillaError('input.invalid', { message: 'The body is empty where JSON is needed' }),
  FST_ERR_CTP_INVALID_JSON_BODY: () => new FlotillaError('input.invalid', { message: 'The body is not valid JSON' }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new FlotillaError('input.invalid', { message: 'The body is not as long as it says', field: 'content-length' }),
  FST_ERR_BAD_URL: () => new FlotillaError('input.invalid', { message: 'The address cannot be read' }),
}

/**
 * What is answered for anything thrown. Errors of the catalogue go out as they are; everything else becomes `internal`
 * with an id under which the log has the truth, so that nothing of the inside gets out.
 */
export function toAnswer(thrown: unknown, log: Log, route: string): FlotillaError {
  if (thrown instanceof FlotillaError && thrown.code !== 'internal') {
    if (thrown.status >= 500) log.warn('request failed', { route, code: thrown.code, message: thrown.message })
    return thrown
  }
  const { code, statusCode, message } = fieldsOf(thrown)
  const known = code === undefined ? undefined : ofFastify[code]
  if (known !== undefined) return known(message)
  if (thrown instanceof SyntaxError && statusCode === 400)
    return new FlotillaError('input.invalid', { message: `The body is not valid JSON: ${message}` })
  const id = randomUUID()
  log.error('request failed', {
    route,
    id,
    message,
    stack: thrown instanceof Error ? thrown.stack : undefined,
  })
  return new FlotillaError('internal', {
    message: `Something failed inside the server (${id})`,
    remedy: "The server's log has the reason under this id",
  })
}

function fieldsOf(thrown: unknown): { code?: string; statusCode?: number; message: string } {
  if (!(thrown instanceof Error)) return { message: String(thrown) }
  return {
    message: thrown.message,
    ...('code' in thrown && typeof thrown.code === 'string' ? { code: thrown.code } : {}),
    ...('statusCode' in thrown && typeof thrown.statusCode === 'number' ? { statusCode: thrown.statusCode } : {}),
  }
}
