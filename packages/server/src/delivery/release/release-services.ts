import type { Delivery, ReleaseChoice } from '@flotilla/model'
import type { ReleaseDeps } from './deps.ts'
import {
  differenceOfRelease,
  differenceOfReleases,
  type ReleaseDifference,
  type ReleaseDifferenceQuestion,
  type ReleasesQuestion,
} from './difference.ts'
import { runningVersions } from './running-versions.ts'

/** What people ask of releases, beside the controller that works on them. */
export interface ReleaseServices {
  difference(question: ReleaseDifferenceQuestion): Promise<ReleaseDifference>
  compare(question: ReleasesQuestion): Promise<ReleaseDifference>
  runningVersions(delivery: Delivery): Promise<ReleaseChoice[]>
}

export const createReleaseServices = (deps: ReleaseDeps): ReleaseServices => ({
  difference: (question) => differenceOfRelease(deps, question),
  compare: (question) => differenceOfReleases(deps, question),
  runningVersions: (delivery) => runningVersions(deps, delivery),
})
