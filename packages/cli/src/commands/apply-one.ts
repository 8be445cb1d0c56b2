import type { ApiClient } from '@flotilla/api'
import { FlotillaError, type ErrorCode } from '@flotilla/model/errors'
import type { Io } from '../io.ts'

export interface OneObject {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec: Readonly<Record<string, unknown>>
}

/** Writes one object of Flotilla's own, and fails with what its document failed with. */
export async function applyOne(
  io: Pick<Io, 'signal'>,
  api: ApiClient,
  {
    mode,
    object,
    force = false,
  }: { readonly mode: 'apply' | 'create' | 'replace'; readonly object: OneObject; readonly force?: boolean },
): Promise<'created' | 'changed' | 'unchanged'> {
  const documents = JSON.stringify({ apiVersion: 'flotilla.dev/v1alpha1', ...object })
  const { items } = await api.documents.apply({ body: { documents, mode, force }, signal: io.signal })
  const [item] = items
  if (item?.error !== undefined) {
    const { code, ...detail } = item.error
    throw new FlotillaError(code as ErrorCode, detail)
  }
  if (item === undefined || item.outcome === 'failed')
    throw new FlotillaError('internal', {
      message: `The server did not say what became of ${object.kind} ${object.metadata.name}`,
      remedy: 'Look whether it was written before you try again; the log of the server says more',
    })
  return item.outcome
}
