import type { ApiClient, RouteResult } from '@flotilla/api'
import { catalogue, type ErrorCode, FlotillaError } from '@flotilla/model/errors'

type Item = RouteResult<'documents.apply'>['items'][number]
interface Written extends Pick<Item, 'ref'> {
  readonly outcome: Exclude<Item['outcome'], 'failed'>
}
interface WriteBody {
  readonly documents: string
  readonly project?: string
  readonly mode: 'create' | 'replace'
  readonly resourceVersion?: string
}

/** Writes one document; what the API server refused of it is thrown. */
export async function writeDocument(api: Pick<ApiClient, 'documents'>, body: WriteBody): Promise<Written> {
  const { items } = await api.documents.apply({ body })
  const [item] = items
  if (item === undefined) throw new FlotillaError('input.yaml', { message: 'There is no document in the text' })
  if (item.outcome === 'failed') throw asError(item.error)
  return { ref: item.ref, outcome: item.outcome }
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(catalogue, code)

function asError(error: Item['error']): FlotillaError {
  if (error === undefined) return new FlotillaError('internal', { message: 'The server refused without a reason' })
  const { code, ...detail } = error
  return new FlotillaError(isCode(code) ? code : 'internal', detail)
}

const conflictCodes = new Set<string>(['kube.conflict', 'request.conflict'])

export const isConflict = (error: unknown): boolean => error instanceof FlotillaError && conflictCodes.has(error.code)
