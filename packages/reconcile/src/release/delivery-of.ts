import {
  apiVersion,
  type Delivery,
  type DeliverySpec,
  type FrozenTarget,
  type KubeObject,
  labels,
  projectNamespace,
  type RolloutDocument,
  type WantedSet,
} from '@flotilla/model'
import { policyOf, renderedFromAnnotation } from '../application/desired-delivery.ts'

/** Who writes it, in governed mode. */
export interface DeliveryCause {
  /** Name of the Rollout. */
  readonly rollout: string
  readonly rollback: boolean
  /** Nothing in a new target is to act by itself; one that is there keeps what it is told. */
  readonly standby?: boolean
}

/**
 * The Delivery that gives a target exactly `want`, to be written by server-side apply as a whole. One that is there
 * keeps its policies and its sync request; its resourceVersion is sent along, so that nothing newer is written over.
 */
export function deliveryOf(
  document: Pick<RolloutDocument, 'application' | 'project' | 'spec'>,
  target: Pick<FrozenTarget, 'cluster' | 'namespace' | 'environment' | 'delivery'>,
  want: WantedSet,
  existing: Delivery | undefined,
  cause?: DeliveryCause,
): KubeObject {
  const { application, project } = document
  const resourceVersion = existing?.metadata.resourceVersion
  const policies =
    existing === undefined
      ? { ...policyOf(document), ...(cause?.standby === true ? { standby: true } : {}) }
      : keptOf(existing.spec)
  const desired: NonNullable<DeliverySpec['desired']> = {
    // counts what direct mode wanted; a release is told by its name
    revision: existing?.spec.desired?.revision ?? 0,
    digest: want.digest,
    components: [...want.components],
    ...(want.release === undefined ? {} : { release: want.release }),
    ...(cause === undefined ? {} : { rollout: cause.rollout }),
    ...(cause?.rollback === true ? { rollback: true } : {}),
  }
  return {
    apiVersion,
    kind: 'Delivery',
    metadata: {
      name: target.delivery,
      namespace: projectNamespace(project.name),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      labels: {
        [labels.application]: application.name,
        [labels.project]: project.name,
        [labels.cluster]: target.cluster,
      },
      annotations: want.renderedFrom === undefined ? {} : { [renderedFromAnnotation]: want.renderedFrom },
    },
    spec: {
      application: { ...application },
      project: { ...project },
      target: {
        cluster: target.cluster,
        namespace: target.namespace,
        ...(target.environment === undefined ? {} : { environment: target.environment }),
      },
      desired,
      ...policies,
    },
  }
}

const keptOf = ({ driftPolicy, deletionPolicy, paused, syncRequest, standby }: DeliverySpec) => ({
  ...(standby === undefined ? {} : { standby }),
  driftPolicy,
  deletionPolicy,
  paused,
  ...(syncRequest === undefined ? {} : { syncRequest }),
})
