import { createHash } from 'node:crypto'
import {
  FlotillaError,
  group,
  isRecord,
  type JobStep,
  type KubeObject,
  labels,
  type ObjectRef,
  refOf,
} from '@flotilla/model'
import type { StepInHand } from '@flotilla/reconcile'
import { applyImageOverrides } from '@flotilla/render'
import { stepFinalizer, stepLabel, stepRunAnnotation } from '../../runs/step-run.ts'
import { holderOf, type StepContext } from './step-runner.ts'

export interface StepJob {
  readonly ref: ObjectRef
  readonly object: KubeObject
  /** The pod template as the plan has it, with the images of the release: what the run is about. */
  readonly template: Readonly<Record<string, unknown>>
}

type JobOf = Pick<JobStep, 'template' | 'imagesOf'>

const template = 'job.template'
/** The pod ends by its own time, which keeps its log; the Job's is for a pod that never began. */
const graceSeconds = 60

/** The Job of a step. Errors: `input.invalid` names the field of the step that it cannot be made from. */
export function computeStepJob(step: StepInHand, context: StepContext, job: JobOf): StepJob {
  const withImages = putImages(step, job)
  const { metadata, spec } = parseTemplate(withImages)
  const ours = {
    [labels.application]: context.application.name,
    [labels.project]: context.project.name,
    [stepLabel]: step.step.name,
  }
  const { timeoutSeconds } = step.step
  const own = spec['activeDeadlineSeconds']
  const deadline = typeof own === 'number' ? Math.min(own, timeoutSeconds) : timeoutSeconds
  const object: KubeObject = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(step, context),
      namespace: step.place.namespace,
      labels: ours,
      annotations: { [stepRunAnnotation]: holderOf(step, context), [`${group}/rollout`]: context.rollout.name },
      finalizers: [stepFinalizer],
    },
    spec: {
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      activeDeadlineSeconds: timeoutSeconds + graceSeconds,
      template: {
        metadata: { ...metadata, labels: { ...metadata.labels, ...ours } },
        spec: { ...spec, restartPolicy: 'Never', activeDeadlineSeconds: deadline },
      },
    },
  }
  return { ref: refOf(object), object, template: withImages }
}

/** The same for the same run of the same step, whoever asks; a name of its own for every other. */
export function jobName(step: StepInHand, context: Pick<StepContext, 'rollout'>): string {
  const hash = createHash('sha256').update(holderOf(step, context)).digest('hex').slice(0, 10)
  const named = `${context.rollout.name.slice(0, 26)}-${step.step.name.slice(0, 24)}`
  return `${named.replace(/[^a-z0-9-]+/g, '-').replace(/-+$/, '')}-${hash}`
}

interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, unknown>>; readonly annotations?: unknown }
  readonly spec: Readonly<Record<string, unknown>>
}

function parseTemplate(given: Readonly<Record<string, unknown>>): PodTemplate {
  const { metadata = {}, spec } = given
  if (!isRecord(metadata)) throw invalid(`${template}.metadata`, 'is not an object')
  if (!isRecord(spec)) throw invalid(`${template}.spec`, 'is missing: it is that of a pod, with its containers')
  const { containers } = spec
  if (!Array.isArray(containers) || containers.length === 0 || !containers.every(isRecord))
    throw invalid(`${template}.spec.containers`, 'holds no container')
  const { labels: theirs = {}, annotations } = metadata
  if (!isRecord(theirs)) throw invalid(`${template}.metadata.labels`, 'is not a map')
  // names, finalizers and owners of a template would be those of something else
  return { metadata: { labels: theirs, ...(annotations === undefined ? {} : { annotations }) }, spec }
}

/** Images of a component of the release take the place of those of the same name. */
function putImages({ place }: StepInHand, { template: given, imagesOf }: JobOf): Readonly<Record<string, unknown>> {
  if (imagesOf === undefined) return given
  const component = place.want?.components.find(({ name }) => name === imagesOf)
  if (component === undefined)
    throw invalid('job.imagesOf', `names ${imagesOf}, which is no component of what ${place.cluster} is to have`)
  const images: Record<string, string> = {}
  for (const image of component.images ?? []) {
    const name = imageName(image)
    if (images[name] !== undefined && images[name] !== image)
      throw invalid('job.imagesOf', `cannot say which is meant: ${imagesOf} has both ${images[name]} and ${image}`)
    images[name] = image
  }
  const carrier: KubeObject = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'step' }, template: given }
  const { objects, unmatched } = applyImageOverrides([carrier], images)
  // a migration with the images of some other version is worse than none
  if (unmatched.length === Object.keys(images).length)
    throw invalid(
      'job.imagesOf',
      `has no effect: no image of ${imagesOf} (${Object.keys(images).slice(0, 5).join(', ') || 'it has none'}) is in the template`,
    )
  const [put] = objects
  const found = put?.['template']
  return isRecord(found) ? found : given
}

/** Without tag and digest. */
function imageName(image: string): string {
  const bare = image.split('@', 1)[0] ?? image
  const colon = bare.indexOf(':', bare.lastIndexOf('/') + 1)
  return colon < 0 ? bare : bare.slice(0, colon)
}

const invalid = (field: string, what: string): FlotillaError =>
  new FlotillaError('input.invalid', { message: `${field} ${what}`, field, remedy: 'Correct the plan' })
