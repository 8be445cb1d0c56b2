import type { ApplicationDetail } from '@flotilla/api'
import type { ApplicationSpec } from '@flotilla/model'

/** The specification as the server gave it; the server parsed it, so its shape is what the model says. */
export function specOf(detail: Pick<ApplicationDetail, 'application'>): ApplicationSpec | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return detail.application['spec'] as ApplicationSpec | undefined
}
