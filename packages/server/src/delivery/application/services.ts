import type { ExplainAnswer, PreviewAnswer } from '@flotilla/api'
import type { Application, Delivery } from '@flotilla/model'
import type { Revision, RevisionStore } from '../../store/store.ts'
import type { Shared } from './application-controller.ts'
import { explainApplication, type ExplainQuestion } from './explain-service.ts'
import { previewApplication, type PreviewQuestion } from './preview.ts'
import { readRenderedObjects, type RenderedObjects } from './rendered-objects.ts'
import { revertApplication, type RevertQuestion } from './revert.ts'

/** What people ask of applications, beside the controller that works on them. */
export interface ApplicationServices {
  /** Newest first. */
  listRevisions(
    applicationUid: string,
    page: { readonly before?: number; readonly limit: number },
  ): Promise<readonly Revision[]>
  revert(question: RevertQuestion): Promise<Application>
  explain(question: ExplainQuestion): Promise<ExplainAnswer>
  preview(question: PreviewQuestion): Promise<PreviewAnswer>
  renderedObjects(delivery: Delivery, component: string): Promise<RenderedObjects>
}

export function createApplicationServices(shared: Shared, revisions: RevisionStore): ApplicationServices {
  return {
    listRevisions: (uid, page) => revisions.list(uid, page),
    revert: (question) => revertApplication({ host: shared.fleet.host, revisions, now: shared.now }, question),
    explain: (question) => explainApplication(shared, question),
    preview: (question) => previewApplication(shared, question),
    renderedObjects: (delivery, component) => readRenderedObjects(shared.sets, delivery, component),
  }
}
