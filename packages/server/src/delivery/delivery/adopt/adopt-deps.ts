import type { PreviewAnswer, RouteBody } from '@flotilla/api'
import type { Identity } from '@flotilla/kube'
import type { ObjectRef, Project } from '@flotilla/model'
import type { FleetConnections } from '../../../fleet/connections.ts'
import type { BlobStore } from '../../../store/store.ts'
import type { PreviewQuestion } from '../../application/index.ts'

export interface AdoptQuestion {
  readonly project: Project
  readonly request: RouteBody<'applications.adopt'>
  readonly by: Identity
  readonly signal: AbortSignal
}

export interface AdoptDeps {
  readonly fleet: Pick<FleetConnections, 'host' | 'client' | 'list'>
  readonly blobs: BlobStore
  /** What an Application would change in its targets: a dry-run of what is taken over. */
  readonly preview: (question: PreviewQuestion) => Promise<PreviewAnswer>
}

/** What was found to run, as a component. */
export interface Taken {
  readonly component: Record<string, unknown> & { readonly name: string }
  readonly refs: readonly ObjectRef[]
  /** Values that go into a Secret of the project. */
  readonly secretValues: Readonly<Record<string, unknown>>
  readonly notes: readonly string[]
}
