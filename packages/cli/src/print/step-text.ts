import { kindOfStep, type Step } from '@flotilla/model'
import { span } from './span.ts'

type Of<K extends keyof Step> = NonNullable<Step[K]>

/** What one step of a plan does, in a sentence. */
export function stepText(step: Step): string {
  const { during, timeoutSeconds } = step
  const also = during.includes('Rollback')
    ? during.includes('Release')
      ? ', also of a rollback'
      : ', only of a rollback'
    : ''
  return `${whatText(step)}${also}${hasTime(step) ? `; at most ${span(timeoutSeconds)}` : ''}`
}

/** A wait takes what it takes, and an approval has as long as its stage. */
const hasTime = (step: Step): boolean => !['wait', 'approval'].includes(kindOfStep(step))

function whatText({ job, test, analysis, approval, wait, webhook }: Step): string {
  if (job !== undefined) return jobText(job)
  if (test !== undefined)
    return test.helm === undefined ? 'a test as a Job' : `the Helm tests of ${test.helm.component}`
  if (analysis !== undefined) return analysisText(analysis)
  if (approval !== undefined) return approvalText(approval)
  if (webhook !== undefined) return `calls ${webhook.url}`
  return `waits ${span(wait?.seconds ?? 0)}`
}

function jobText({ migration, imagesOf, cluster }: Of<'job'>): string {
  const where = cluster === undefined ? '' : ` in ${cluster}`
  const images = imagesOf === undefined ? '' : ` with the images of ${imagesOf}`
  if (migration === undefined) return `a Job${images}${where}`
  const { database, reversible, idempotent } = migration
  const scope = database === undefined ? 'once per target' : `once for database ${database}`
  return [
    `a migration${images}${where}, ${scope}`,
    ...(reversible ? [] : ['cannot be taken back']),
    ...(idempotent ? ['may run again'] : []),
  ].join(', ')
}

function analysisText({
  prometheus,
  http,
  min,
  max,
  samples,
  intervalSeconds,
  allowedFailures,
}: Of<'analysis'>): string {
  const what =
    prometheus === undefined
      ? `asks ${http?.url ?? ''}`
      : `measures ${prometheus.query}${min === undefined ? '' : `, at least ${min}`}${max === undefined ? '' : `, at most ${max}`}`
  const bad = allowedFailures === 0 ? '' : `, ${allowedFailures} may be bad`
  return `${what}, ${samples} times every ${span(intervalSeconds)}${bad}`
}

function approvalText({ count, users, roles, allowAuthor, expiresSeconds }: Of<'approval'>): string {
  const who =
    [...(users ?? []), ...(roles ?? []).map((role) => `role ${role}`)].join(', ') || 'role admin, role operator'
  const author = allowAuthor ? ', the author too' : ', not the author'
  return `approval by ${count} of: ${who}${author}; counts for ${span(expiresSeconds)}`
}
