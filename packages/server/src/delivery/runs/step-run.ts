import { group } from '@flotilla/model'

/** On what a step created: which run of it, as `<uid of the rollout>/<key of the step>`. One run, one key. */
export const stepRunAnnotation = `${group}/step-run`
/** Holds the Job of a step until its outcome and its log are kept: one that is not there was never created. */
export const stepFinalizer = `${group}/step`
/** Name of the step, on its Job and its pods. */
export const stepLabel = `${group}/step`
