import type { ApiClient } from '@flotilla/api'
import { asKubernetesReads } from '@flotilla/model/yaml'
import { parse } from 'yaml'
import { declaredPart } from './application-text.ts'
import type { Draft } from './draft.ts'
import { type Conflict, mergeValues } from './merge-values.ts'
import { patchText } from './patch-document.ts'
import { isConflict, writeDocument } from '../query/write-document.ts'

export type SaveOutcome =
  | { readonly type: 'saved'; readonly name: string; readonly outcome: 'created' | 'changed' | 'unchanged' }
  /** Somebody else wrote meanwhile: what came of both, to be looked at and saved again. */
  | { readonly type: 'merged'; readonly draft: Draft; readonly conflicts: readonly Conflict[] }

/** Writes the document as it was edited; only over the version that was read. */
export async function saveDocument(
  api: Pick<ApiClient, 'documents' | 'applications'>,
  project: string,
  draft: Draft,
): Promise<SaveOutcome> {
  const { resourceVersion, text: documents } = draft
  const isNew = resourceVersion === undefined
  try {
    const item = await writeDocument(api, {
      documents,
      project,
      ...(isNew ? { mode: 'create' } : { mode: 'replace', resourceVersion }),
    })
    return { type: 'saved', name: item.ref.name, outcome: item.outcome }
  } catch (error) {
    if (isNew || !isConflict(error)) throw error
    return await merge(api, project, draft)
  }
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
