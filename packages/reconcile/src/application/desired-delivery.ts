import {
  type Application,
  apiVersion,
  type Delivery,
  deliveryName,
  isStandby,
  labels,
  type NamedCluster,
  type Project,
  type Target,
  targetLabels,
  canonicalJson,
  isRecord,
  sameJson,
} from '@flotilla/model'
import { type DesiredObject, hostCluster } from '../decision.ts'
import type { Move } from './moves.ts'
import type { RenderInputs } from './observed.ts'
import type { Wanted } from './wanted.ts'

/** On a Delivery: from what each component of `spec.desired` was rendered, by component. */
export const renderedFromAnnotation = 'flotilla.dev/rendered-from'

export interface DesiredDeliveryQuestion {
  readonly application: Application
  readonly project: Project
  readonly target: Target
  readonly existing: Delivery | undefined
  readonly wanted: Wanted | undefined
  readonly move: Move
  readonly revision: number
  readonly syncRequest: string | undefined
}

/** The Delivery of a target as it should be: with what is wanted when it may move, else with what it had. */
export function computeDesiredDelivery(question: DesiredDeliveryQuestion): DesiredObject {
  const { application, project, target, existing, wanted, move, revision, syncRequest } = question
  const before = existing?.spec.desired
  let desired = before
  let renderedFrom = existing?.metadata.annotations?.[renderedFromAnnotation]
  let sync = existing?.spec.syncRequest
  if (move.move !== 'held' && wanted?.state === 'wanted') {
    sync = syncRequest
    renderedFrom = canonicalJson(wanted.inputs)
    desired = {
      // the revision says which one last changed this target: the others have nothing to do there
      revision: before?.digest === wanted.digest ? before.revision : revision,
      digest: wanted.digest,
      components: wanted.components.map((component) => {
        const same = before?.components.find((old) => old.name === component.name && old.digest === component.digest)
        // the same content under a newer commit is not worth a write in every target
        return same?.version === undefined ? component : Object.assign({}, component, { version: same.version })
      }),
    }
  }
  const { uid = '' } = application.metadata
  return {
    cluster: hostCluster,
    object: {
      apiVersion,
      kind: 'Delivery',
      metadata: {
        name: existing?.metadata.name ?? deliveryName(application.metadata.name, target, project.metadata.name),
        ...(application.metadata.namespace === undefined ? {} : { namespace: application.metadata.namespace }),
        labels: {
          [labels.application]: application.metadata.name,
          [labels.project]: project.metadata.name,
          [labels.cluster]: target.cluster,
        },
        annotations: renderedFrom === undefined ? {} : { [renderedFromAnnotation]: renderedFrom },
      },
      spec: {
        application: { name: application.metadata.name, uid },
        project: { name: project.metadata.name, uid: project.metadata.uid ?? '', scope: project.spec.scope },
        target: {
          cluster: target.cluster,
          namespace: target.namespace,
          ...(target.environment === undefined ? {} : { environment: target.environment }),
        },
        ...(desired === undefined ? {} : { desired }),
        ...(sync === undefined ? {} : { syncRequest: sync }),
        ...policyOf(application),
        ...(isStandby(application.spec, target) ? { standby: true } : {}),
      },
    },
  }
}

/**
 * A Delivery that keeps everything but the application's policies: they hold even while nothing else may change.
 * @param cluster its labels, for the choice of what stands by; without it that stays as it is
 */
export function keepDelivery(application: Application, existing: Delivery, cluster?: NamedCluster): DesiredObject {
  const { metadata } = existing
  const { standby: stoodBy, ...spec } = existing.spec
  const standby = cluster === undefined ? stoodBy : standsBy(application, cluster, spec.target)
  const renderedFrom = metadata.annotations?.[renderedFromAnnotation]
  return {
    cluster: hostCluster,
    object: {
      apiVersion,
      kind: 'Delivery',
      metadata: {
        name: metadata.name,
        ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
        labels: {
          [labels.application]: spec.application.name,
          [labels.project]: spec.project.name,
          [labels.cluster]: spec.target.cluster,
        },
        annotations: renderedFrom === undefined ? {} : { [renderedFromAnnotation]: renderedFrom },
      },
      spec: { ...spec, ...policyOf(application), ...(standby === true ? { standby } : {}) },
    },
  }
}

/** Whether writing the object would change nothing. The platform owns the whole spec, so it has to be equal. */
export function isWritten(desired: DesiredObject, existing: Delivery | undefined): boolean {
  if (existing === undefined) return false
  const { metadata, spec } = desired.object
  return (
    sameJson(spec, existing.spec) &&
    covers(existing.metadata.labels, metadata.labels) &&
    covers(existing.metadata.annotations, metadata.annotations)
  )
}

/** What `spec.desired` of a Delivery was rendered from; empty when it was never said, or not by us. */
export const readRenderedFrom = (delivery: Delivery | undefined): Readonly<Record<string, RenderInputs>> =>
  parseRenderedFrom(delivery?.metadata.annotations?.[renderedFromAnnotation])

/** The same from the text of the annotation. */
export function parseRenderedFrom(text: string | undefined): Readonly<Record<string, RenderInputs>> {
  if (text === undefined) return {}
  try {
    const parsed: unknown = JSON.parse(text)
    if (!isRecord(parsed)) return {}
    return Object.fromEntries(
      Object.entries(parsed).flatMap(([name, inputs]) => (isRenderInputs(inputs) ? [[name, inputs]] : [])),
    )
  } catch {
    return {}
  }
}

function isRenderInputs(value: unknown): value is RenderInputs {
  return (
    isRecord(value) &&
    typeof value['inputs'] === 'string' &&
    typeof value['capabilities'] === 'string' &&
    typeof value['upgrade'] === 'boolean' &&
    typeof value['revision'] === 'number'
  )
}

/** What of an application holds for its Deliveries whatever is wanted in them. */
export const policyOf = ({ spec }: Pick<Application, 'spec'>) => ({
  driftPolicy: spec.driftPolicy,
  deletionPolicy: spec.deletionPolicy,
  paused: spec.paused,
})

/** Whether nothing of an application is to act by itself in a target of a cluster. */
export function standsBy(
  { spec }: Pick<Application, 'spec'>,
  cluster: NamedCluster,
  target: Pick<Delivery['spec']['target'], 'namespace' | 'environment'>,
): boolean {
  const { namespace, environment } = target
  return isStandby(spec, { cluster: cluster.name, namespace, labels: targetLabels(cluster, environment) })
}

function covers(there: Readonly<Record<string, string>> = {}, wanted: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => there[key] === value)
}
