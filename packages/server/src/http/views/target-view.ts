import type { Delivery, HealthState } from '@flotilla/model'
import { shortVersion } from '@flotilla/model/short-version'
import type { MatrixCell, MatrixTarget } from '@flotilla/api'
import { isSameWish } from '@flotilla/reconcile'
import type { ClusterEntry } from '../../fleet/connections.ts'

/** What is shown of one delivery: while its cluster is not connected nothing is claimed of its health. */
export function targetView(delivery: Delivery, cluster: ClusterEntry | undefined): MatrixTarget {
  const { spec, status } = delivery
  const unknownSince = unknownSinceOf(delivery, cluster)
  return {
    cluster: spec.target.cluster,
    namespace: spec.target.namespace,
    ...(spec.target.environment === undefined ? {} : { environment: spec.target.environment }),
    delivery: delivery.metadata.name,
    ...(cluster === undefined ? {} : { connection: cluster.connection }),
    health: healthOf(delivery, cluster),
    message: targetMessage(delivery, cluster),
    phase: status?.phase,
    unknownSince,
    waitingFor: status?.waitingFor,
    waitingSince: status?.waitingSince,
    // a sync applies once more what is there already
    current: isApplied(delivery) && status?.applied?.syncRequest === spec.syncRequest,
    revision: status?.applied?.revision,
    helmChanged: status?.helmChanged,
  }
}

export function healthOf(delivery: Delivery, cluster: ClusterEntry | undefined): HealthState {
  if (unknownSinceOf(delivery, cluster) !== undefined) return 'Unknown'
  const { status } = delivery
  if (status?.phase === 'Failed') return 'Failed'
  return status?.health ?? 'Progressing'
}

/** The connection knows of a loss before the delivery's status does. */
function unknownSinceOf(delivery: Delivery, cluster: ClusterEntry | undefined): string | undefined {
  if (cluster === undefined) return delivery.status?.unknownSince ?? delivery.status?.healthSince
  if (cluster.connection.state === 'lost') return delivery.status?.unknownSince ?? cluster.connection.since
  return delivery.status?.unknownSince
}

function targetMessage(delivery: Delivery, cluster: ClusterEntry | undefined): string | undefined {
  if (cluster === undefined) return 'This cluster is not in the fleet any more'
  if (cluster.connection.state === 'lost') return cluster.connection.reason
  const message = delivery.status?.message
  return message === '' ? undefined : message
}

export function cellsOf(delivery: Delivery, cluster: ClusterEntry | undefined): MatrixCell[] {
  const { spec, status } = delivery
  const unseen = unknownSinceOf(delivery, cluster) !== undefined
  const wanted = new Map((spec.desired?.components ?? []).map((component) => [component.name, component]))
  const applied = new Map((status?.components ?? []).map((component) => [component.name, component]))
  const settled = isApplied(delivery)
  const drifted = unseen ? 'Unknown' : (status?.drift?.state ?? 'None')
  return [...new Set([...wanted.keys(), ...applied.keys()])].map((name) => {
    const next = wanted.get(name)
    const seen = applied.get(name)
    const nextVersion = versionOf(next?.appVersion ?? next?.version, next?.images)
    const version = versionOf(seen?.version, seen?.images) ?? (settled ? nextVersion : undefined)
    return {
      component: name,
      cluster: spec.target.cluster,
      namespace: spec.target.namespace,
      version,
      nextVersion: nextVersion === version ? undefined : nextVersion,
      health: unseen ? 'Unknown' : (seen?.health ?? 'Progressing'),
      message: seen?.message,
      ready: seen?.ready,
      wanted: seen?.wanted,
      images: seen?.images ?? next?.images ?? [],
      ownOverrides: next?.ownOverrides ?? 0,
      drift: drifted,
    } satisfies MatrixCell
  })
}

const isApplied = (delivery: Delivery): boolean => isSameWish(delivery, delivery.status?.applied)

/** What people call it: a source that has only a digest is known by the tag that all its images share. */
function versionOf(version: string | undefined, images: readonly string[] = []): string | undefined {
  if (version === undefined || !isDigest.test(version)) return version
  const tags = new Set(
    images.map((image) => /^[^@:]*:([\w][\w.-]*)(?:@|$)/.exec(image.slice(image.lastIndexOf('/') + 1))?.[1]),
  )
  const [tag] = tags
  return tags.size === 1 && tag !== undefined ? tag : shortVersion(version)
}

const isDigest = /^(?:hmac-)?sha256:[0-9a-f]{12}/
