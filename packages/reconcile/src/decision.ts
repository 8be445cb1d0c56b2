import type { Known, KubeObject, Next } from '@flotilla/model'

/** Stands for the host cluster where a cluster's name is asked for. */
export const hostCluster = ''

/** An object as it should be in a cluster: only the fields that Flotilla owns. Applied by server-side apply. */
export interface DesiredObject {
  /** Name of the member, or `hostCluster`. */
  readonly cluster: string
  readonly object: KubeObject
}

/**
 * Something to do that is not an object of Kubernetes. The key makes it idempotent: the same key is the same deed,
 * and doing it again changes nothing. Its result comes back as an observation.
 */
export interface Effect {
  readonly kind: string
  readonly key: string
}

/**
 * What a reconcile function decides. `objects` is the whole of what should be there: owned objects that it does not
 * name are pruned, so it is unknown whenever it could not be worked out, and then nothing is pruned.
 */
export interface Decision<Status, E extends Effect = Effect> {
  readonly objects: Known<readonly DesiredObject[]>
  readonly effects: readonly E[]
  readonly status: Status
  readonly next: Next
}
