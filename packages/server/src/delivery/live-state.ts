import type { Health, Known, ObjectRef } from '@flotilla/model'

/** What is kept of a delivered object as it is in a member; the object itself is not kept. */
export interface LiveObject {
  readonly ref: ObjectRef
  readonly uid: string
  readonly resourceVersion: string
  /** Hash over everything but status, managedFields and what the API server counts. Equal hash: nobody changed it. */
  readonly contentHash: string
  readonly health: Health
  readonly images: readonly string[]
  readonly ready?: number
  readonly wanted?: number
  /** spec.replicas is owned through the scale subresource by somebody else (an autoscaler). */
  readonly scaledByOther: boolean
  readonly component: string
}

/** Watched state of delivered objects over all members. */
export interface LiveState {
  /** Objects labelled with this delivery. Unknown while the cluster, or the watch of one of the kinds asked for, is not in sync. */
  objects(cluster: string, deliveryUid: string): Known<readonly LiveObject[]>
  onChange(listener: (cluster: string, deliveryUid: string) => void): () => void
}
