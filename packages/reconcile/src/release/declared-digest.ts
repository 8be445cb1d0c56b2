import type { ApplicationSpec } from '@flotilla/model'
import { canonicalDigest } from '../canonical-digest.ts'

/** Over what of an application goes into a release: an edit of anything else waits for none. */
export const declaredDigest = ({ components, placement, overrides }: ApplicationSpec): string =>
  canonicalDigest({ components, placement, overrides: overrides ?? [] })
