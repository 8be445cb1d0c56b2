import type { KindRef, KubeClient } from '@flotilla/kube'
import { asFlotillaError, type Known, known, type KubeObject, labels, unknown } from '@flotilla/model'
import { type ActingObjects, type ActingSight, computeActing } from '@flotilla/reconcile'

/** A cluster that does not answer in this time is not seen; the next look comes soon. */
const lookMs = 15_000
/** Above this nobody could say in time what acts. */
const mostObjects = 50_000

const kind = (group: string, name: string): KindRef => ({ group, version: 'v1', kind: name })

export interface ActingQuestion {
  readonly client: KubeClient
  readonly application: string
  /** All namespaces when left out. */
  readonly namespace: string | undefined
  readonly signal: AbortSignal
}

/**
 * Asks a member what of an application acts there now. Not from a watch: what it says has to be so at the time of asking.
 * What makes others is asked for before what it makes.
 */
export async function observeActing({
  client,
  application,
  namespace,
  signal,
}: ActingQuestion): Promise<Known<ActingSight>> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(lookMs)])
  const list = async (of: KindRef, selectors: { labelSelector?: string; fieldSelector?: string } = {}) => {
    const options = { namespace, signal: patience, maxItems: mostObjects, project: withoutBulk, ...selectors }
    return (await client.list(of, options)).items
  }
  const ours = { labelSelector: `${labels.application}=${application}` }
  try {
    const cronJobs = await list(kind('batch', 'CronJob'), ours)
    const deployments = await list(kind('apps', 'Deployment'), ours)
    const statefulSets = await list(kind('apps', 'StatefulSet'), ours)
    const objects: ActingObjects = {
      cronJobs,
      workloads: [...deployments, ...statefulSets],
      replicaSets: await list(kind('apps', 'ReplicaSet')),
      jobs: await list(kind('batch', 'Job')),
      pods: await list(kind('', 'Pod'), { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' }),
    }
    return known(computeActing(application, objects))
  } catch (thrown) {
    signal.throwIfAborted()
    return unknown(asFlotillaError(thrown).message)
  }
}

/** Lists are long and pod templates are large: of a spec only what says whether it acts is kept. */
function withoutBulk(object: KubeObject): KubeObject {
  const { spec, status, metadata, apiVersion, kind: of } = object
  const { name, namespace, uid, generation, labels: marks, annotations, ownerReferences } = metadata
  const { suspend, replicas } = (spec ?? {}) as { suspend?: unknown; replicas?: unknown }
  const meta = { name, namespace, uid, generation, labels: marks, annotations, ownerReferences }
  const defined = Object.fromEntries(Object.entries(meta).filter(([, value]) => value !== undefined))
  return { apiVersion, kind: of, metadata: { name, ...defined }, spec: { suspend, replicas }, status }
}
