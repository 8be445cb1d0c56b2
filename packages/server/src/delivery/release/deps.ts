import type { RevisionStore } from '../../store/store.ts'
import type { Shared } from '../application/index.ts'
import type { FrozenDocuments } from './frozen-documents.ts'

/** What everything about releases works with: what the Application controller renders with, and where documents are. */
export interface ReleaseDeps {
  readonly shared: Shared
  readonly documents: FrozenDocuments
  readonly revisions: Pick<RevisionStore, 'get'>
}
