import { FlotillaError, type FrozenTarget, type KubeObject, type Release } from '@flotilla/model'
import { computeAuthorship } from '@flotilla/reconcile'
import { editedSince, editorsOf } from '../application/note-editor.ts'
import { observeReleases } from '../application/observe-host.ts'
import { writersOutside } from '../application/writer-of.ts'
import type { ReleaseDeps } from './deps.ts'

/** As many as the status of a Release holds. */
const mostAuthors = 250

export interface AuthorsQuestion {
  readonly release: Release
  /** Its application as it is in the host. */
  readonly live: KubeObject
  readonly targets: readonly FrozenTarget[]
}

/**
 * Who wrote what a release brings to any of its targets, and the field managers under which more of it was written past Flotilla.
 * Errors: `request.conflict` while the releases of the application cannot be told.
 */
export async function findAuthors(
  {
    shared: { state },
    documents,
  }: Pick<ReleaseDeps, 'documents'> & { readonly shared: Pick<ReleaseDeps['shared'], 'state'> },
  { release, live, targets }: AuthorsQuestion,
): Promise<{ readonly authors: string[]; readonly outside: string[] }> {
  const releases = observeReleases(state, release.metadata.namespace ?? '', release.spec.application)
  if (!releases.known) throw new FlotillaError('request.conflict', { message: releases.reason })
  const { since, authors } = computeAuthorship(release, releases.value, targets)
  const digest = since?.status?.frozen?.document
  // one that is no longer stored tells nobody's edits apart: all of them count
  const then = digest === undefined ? undefined : await documents.releases.get(digest)
  const all = new Set([...authors, ...editedSince(editorsOf(live), then?.editors)])
  return { authors: [...all].slice(0, mostAuthors), outside: writersOutside(live, then?.at) }
}
