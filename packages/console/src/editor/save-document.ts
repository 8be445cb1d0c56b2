import type { ApiClient } from '@flotilla/api'
import { catalogue, type ErrorCode, FlotillaError } from '@flotilla/model/errors'
import { asKubernetesReads } from '@flotilla/model/yaml'
import { parse } from 'yaml'
import { declaredPart } from './application-text.ts'
import type { Draft } from './draft.ts'
import { type Conflict, mergeValues } from './merge-values.ts'
import { patchText } from './patch-document.ts'

export type SaveOutcome =
  | { readonly type: 'saved'; readonly name: string; readonly outcome: 'created' | 'changed' | 'unchanged' }
  /** Somebody else wrote meanwhile: what came of both, to be looked at and saved again. */
  | { readonly type: 'merged'; readonly draft: Draft; readonly conflicts: readonly Conflict[] }

const isCode = (code: string): code is ErrorCode => Object.hasOwn(catalogue, code)
const conflictCodes = new Set<string>(['kube.conflict', 'request.conflict'])

/** Writes the document as it was edited; only over the version that was read. */
export async function saveDocument(
  api: Pick<ApiClient, 'documents' | 'applications'>,
  project: string,
  draft: Draft,
): Promise<SaveOutcome> {
  const { resourceVersion, text: documents } = draft
  const isNew = resourceVersion === undefined
  try {
    const answer = await api.documents.apply({
      body: { documents, project, ...(isNew ? { mode: 'create' } : { mode: 'replace', resourceVersion }) },
    })
    const [item] = answer.items
    if (item === undefined) throw new FlotillaError('input.yaml', { message: 'There is no document in the text' })
    if (item.outcome === 'failed') throw asError(item.error)
    return { type: 'saved', name: item.ref.name, outcome: item.outcome }
  } catch (error) {
    if (isNew || !(error instanceof FlotillaError) || !conflictCodes.has(error.code)) throw error
    return await merge(api, project, draft)
  }
}

type ItemError = {
  code: string
  message: string
  remedy?: string | undefined
  field?: string | undefined
  value?: string | undefined
}

function asError(error: ItemError | undefined): FlotillaError {
  if (error === undefined) return new FlotillaError('internal', { message: 'The server refused without a reason' })
  const { code, ...detail } = error
  return new FlotillaError(isCode(code) ? code : 'internal', detail)
}

async function merge(api: Pick<ApiClient, 'applications'>, project: string, draft: Draft): Promise<SaveOutcome> {
  const mine: unknown = parse(draft.text, asKubernetesReads)
  const { application } = await api.applications.get({ params: { project, application: nameIn(mine) } })
  const theirs = declaredPart(application)
  const merged = mergeValues(draft.base, mine, theirs)
  return {
    type: 'merged',
    draft: {
      text: patchText(draft.text, merged.value),
      base: theirs,
      resourceVersion: application.metadata.resourceVersion,
    },
    conflicts: merged.conflicts,
  }
}

/** The name that a document gives itself. */
export function nameIn(document: unknown): string {
  const metadata = typeof document === 'object' && document !== null ? Reflect.get(document, 'metadata') : undefined
  const name: unknown = typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'name') : undefined
  return typeof name === 'string' ? name : ''
}
